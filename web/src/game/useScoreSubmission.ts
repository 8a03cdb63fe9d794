import { GrandstandError } from "@grandstand/sdk";
import { useClient, useConnection } from "@grandstand/sdk/react";
import { useCallback, useEffect, useState } from "react";
import { arcadeBoard } from "../board/arcade.js";

export interface AcceptedScore {
  kind: "accepted";
  /** The submitted score. `best` is the player's best score on the board. */
  score: number;
  best: number;
  rank: number;
  previousRank: number | null;
  improved: boolean;
}

/** The state of a score on its way to the board. A `queued` score is submitted once the connection is back. */
export type Submission =
  | { kind: "none" }
  | { kind: "sending"; score: number }
  | { kind: "queued"; score: number }
  | { kind: "refused"; score: number; reason: string }
  | AcceptedScore;

const RETRY_MS = 2_000;

/** Submits scores to the board. A score made while offline is kept and submitted after the reconnect. */
export function useScoreSubmission(userId: string) {
  const client = useClient();
  const { status } = useConnection();
  const [pending, setPending] = useState<number | null>(null);
  const [outcome, setOutcome] = useState<Submission>({ kind: "none" });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt submits the same score again.
  useEffect(() => {
    if (pending === null || status !== "live") return;
    let isCurrent = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const finish = (result: Submission) => {
      if (!isCurrent) return;
      setOutcome(result);
      setPending(null);
    };
    client
      .leaderboard(arcadeBoard)
      .submit({ member: userId, score: pending })
      .then(
        ({ entry, previous, improved }) =>
          finish({
            kind: "accepted",
            score: pending,
            best: entry.score,
            rank: entry.rank,
            previousRank: previous?.rank ?? null,
            improved,
          }),
        (error: unknown) => {
          if (!isTransient(error))
            return finish({ kind: "refused", score: pending, reason: reasonOf(error) });
          if (isCurrent) retry = setTimeout(() => setAttempt((count) => count + 1), waitMs(error));
        },
      );
    return () => {
      isCurrent = false;
      clearTimeout(retry);
    };
  }, [client, userId, pending, status, attempt]);

  /** If several rounds were played offline, only the best score is submitted. */
  const submit = useCallback((score: number) => setPending((queued) => Math.max(queued ?? 0, score)), []);
  const clear = useCallback(() => setOutcome({ kind: "none" }), []);

  return { submission: pending === null ? outcome : pendingSubmission(pending, status), submit, clear };
}

function pendingSubmission(score: number, status: string): Submission {
  return status === "live" ? { kind: "sending", score } : { kind: "queued", score };
}

/** Whether the same submit can succeed later. */
function isTransient(error: unknown): boolean {
  return error instanceof GrandstandError && (error.code === "unavailable" || error.code === "rate_limited");
}

function waitMs(error: unknown): number {
  return (error instanceof GrandstandError ? error.retryAfterMs : undefined) ?? RETRY_MS;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
