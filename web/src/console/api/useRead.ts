import type { InputOf, OperationName, OutputOf } from "@grandstand/sdk";
import { GrandstandError } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useCallback, useEffect, useRef, useState } from "react";

export interface Reading<T> {
  /** The last answer for the current input. It stays while later reads fail. Null before the first answer. */
  data: T | null;
  /** Why the last read failed; null if it succeeded. */
  error: GrandstandError | null;
  isLoading: boolean;
  reload: () => void;
}

/**
 * Calls an operation that reads data: first when the component mounts, then each time the input changes. With `everyMs`, it
 * also repeats the call at this interval while the page is visible.
 * @param input null to read nothing yet
 */
export function useRead<N extends OperationName>(
  operation: N,
  input: InputOf<N> | null,
  everyMs?: number,
): Reading<OutputOf<N>> {
  const client = useClient();
  const key = input === null ? null : JSON.stringify(input);
  const [state, setState] = useState<{
    key: string | null;
    data: OutputOf<N> | null;
    error: GrandstandError | null;
  }>({ key: null, data: null, error: null });
  const [round, setRound] = useState(0);
  const latest = useRef(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks for another read
  useEffect(() => {
    if (key === null) return;
    const number = ++latest.current;
    const isCurrent = () => number === latest.current;
    client.call(operation, JSON.parse(key) as InputOf<N>).then(
      (data) => isCurrent() && setState({ key, data, error: null }),
      (error: GrandstandError) =>
        isCurrent() && setState((before) => ({ key, data: before.key === key ? before.data : null, error })),
    );
    return () => {
      latest.current += 1;
    };
  }, [client, operation, key, round]);

  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setRound((before) => before + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  const isSame = state.key === key;
  return {
    data: isSame ? state.data : null,
    error: isSame ? state.error : null,
    isLoading: key !== null && (!isSame || (state.data === null && state.error === null)),
    reload,
  };
}

/** The error itself if it is a `GrandstandError`, else one with the code `internal` and the same message. */
export function asError(error: unknown): GrandstandError {
  if (error instanceof GrandstandError) return error;
  return new GrandstandError("internal", error instanceof Error ? error.message : String(error));
}
