import { GrandstandError } from "@grandstand/sdk";
import { useClient, useConnection } from "@grandstand/sdk/react";
import { useCallback, useEffect, useState } from "react";
import { arcadeBoard } from "../board/arcade.js";

export interface Landed {
  kind: "landed";
  /** The score that was sent; `best` is the one that stands. */
  score: number;
  best: number;
  rank: number;
  previousRank: number | null;
  improved: boolean;
}

/** The way of a score to the board. `kept` is waiting for the connection, and lands by itself. */
export type Landing =
  | { kind: "none" }
  | { kind: "sending"; score: number }
  | { kind: "kept"; score: number }
  | { kind: "refused"; score: number; reason: string }
  | Landed;

const RETRY_MS = 2_000;

/** Sends scores to the board, through lost connections too: a score once made isn't lost to a bad network. */
export function useLanding(userId: string) {
  const client = useClient();
  const { status } = useConnection();
  const [pending, setPending] = useState<number | null>(null);
  const [outcome, setOutcome] = useState<Landing>({ kind: "none" });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt sends the same score again.
  useEffect(() => {
    if (pending === null || status !== "live") return;
    let isCurrent = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const settle = (settled: Landing) => {
      if (!isCurrent) return;
      setOutcome(settled);
      setPending(null);
    };
    client
      .leaderboard(arcadeBoard)
      .submit({ member: userId, score: pending })
      .then(
        ({ entry, previous, improved }) =>
          settle({
            kind: "landed",
            score: pending,
            best: entry.score,
            rank: entry.rank,
            previousRank: previous?.rank ?? null,
            improved,
          }),
        (error: unknown) => {
          if (!isPassing(error)) return settle({ kind: "refused", score: pending, reason: reasonOf(error) });
          if (isCurrent) retry = setTimeout(() => setAttempt((count) => count + 1), waitMs(error));
        },
      );
    return () => {
      isCurrent = false;
      clearTimeout(retry);
    };
  }, [client, userId, pending, status, attempt]);

  /** Of several rounds played without a connection the best one is what there is to send. */
  const land = useCallback((score: number) => setPending((kept) => Math.max(kept ?? 0, score)), []);
  const clear = useCallback(() => setOutcome({ kind: "none" }), []);

  return { landing: pending === null ? outcome : onItsWay(pending, status), land, clear };
}

function onItsWay(score: number, status: string): Landing {
  return status === "live" ? { kind: "sending", score } : { kind: "kept", score };
}

/** Whether the same submit can succeed later. */
function isPassing(error: unknown): boolean {
  return error instanceof GrandstandError && (error.code === "unavailable" || error.code === "rate_limited");
}

function waitMs(error: unknown): number {
  return (error instanceof GrandstandError ? error.retryAfterMs : undefined) ?? RETRY_MS;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
