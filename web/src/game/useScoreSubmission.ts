import { GrandstandError } from "@grandstand/sdk";
import { useClient, useConnection } from "@grandstand/sdk/react";
import { useCallback, useEffect, useState } from "react";
import { arcadeBoard } from "../board/arcade.js";
import { randomKey } from "../random-key.js";

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

interface PendingScore {
  score: number;
  idempotencyKey: string;
}

const RETRY_MS = 2_000;

/** Submits scores to the board. A score made while offline is kept and submitted after the reconnect. */
export function useScoreSubmission(userId: string) {
  const client = useClient();
  const { status } = useConnection();
  const [pending, setPending] = useState<PendingScore | null>(null);
  const [outcome, setOutcome] = useState<Submission>({ kind: "none" });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt submits the same score again.
  useEffect(() => {
    if (pending === null || status !== "live") return;
    const { score, idempotencyKey } = pending;
    let isCurrent = true;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const finish = (result: Submission) => {
      if (!isCurrent) return;
      setOutcome(result);
      setPending(null);
    };
    client
      .leaderboard(arcadeBoard)
      .submit({ member: userId, score, idempotencyKey })
      .then(
        ({ entry, previous, improved }) =>
          finish({
            kind: "accepted",
            score,
            best: entry.score,
            rank: entry.rank,
            previousRank: previous?.rank ?? null,
            improved,
          }),
        (error: unknown) => {
          if (!isTransient(error)) return finish({ kind: "refused", score, reason: reasonOf(error) });
          if (isCurrent) retry = setTimeout(() => setAttempt((count) => count + 1), waitMs(error));
        },
      );
    return () => {
      isCurrent = false;
      clearTimeout(retry);
    };
  }, [client, userId, pending, status, attempt]);

  /** If several rounds were played offline, only the best score is submitted. */
  const submit = useCallback((score: number) => {
    // All attempts have the same idempotency key, so that a retry has no second effect.
    const next = { score, idempotencyKey: randomKey() };
    setPending((queued) => (queued && queued.score >= score ? queued : next));
  }, []);
  const clear = useCallback(() => setOutcome({ kind: "none" }), []);

  return { submission: pending === null ? outcome : pendingSubmission(pending.score, status), submit, clear };
}

function pendingSubmission(score: number, status: string): Submission {
  return status === "live" ? { kind: "sending", score } : { kind: "queued", score };
}

/** Whether the same submit can succeed later, so that it is worth a retry. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof GrandstandError)) return false;
  // A board may limit how often a player submits. Its error then says how long to wait.
  return error.code === "unavailable" || error.retryAfterMs !== undefined;
}

function waitMs(error: unknown): number {
  return (error instanceof GrandstandError ? error.retryAfterMs : undefined) ?? RETRY_MS;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
