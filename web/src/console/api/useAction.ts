import type { GrandstandError, InputOf, OperationName, OutputOf } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useCallback, useState } from "react";
import { useAnnounce } from "../ui/Announcer.js";
import { asError } from "./useRead.js";

export interface Action {
  isRunning: boolean;
  error: GrandstandError | null;
  clear: () => void;
  /**
   * Calls an operation that changes something.
   * @param done what screen readers announce after the call succeeded
   * @returns the output, or null when the call failed; `error` then says why
   */
  run<N extends OperationName>(operation: N, input: InputOf<N>, done: string): Promise<OutputOf<N> | null>;
}

export function useAction(): Action {
  const client = useClient();
  const announce = useAnnounce();
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<GrandstandError | null>(null);
  const run = useCallback<Action["run"]>(
    async (operation, input, done) => {
      setRunning(true);
      setError(null);
      try {
        const output = await client.call(operation, input);
        announce(done);
        return output;
      } catch (failure) {
        setError(asError(failure));
        return null;
      } finally {
        setRunning(false);
      }
    },
    [client, announce],
  );
  return { isRunning, error, run, clear: useCallback(() => setError(null), []) };
}
