import type { Push } from "@grandstand/shared/channels";
import type { LeaderboardSnapshot, LeaderboardUpdated } from "@grandstand/shared/events/leaderboard";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";

/** What a client shows after it has applied each `leaderboard.updated` in `pushes` to `snapshot`. */
export function replicaOf(
  snapshot: LeaderboardSnapshot,
  pushes: Push[],
): { entries: Entry[]; total: number } {
  let entries = [...snapshot.entries];
  let { total } = snapshot;
  for (const { event, data } of pushes.flatMap((push) => push.publications)) {
    if (event !== "leaderboard.updated") continue;
    const update = data as LeaderboardUpdated;
    for (const row of update.rows) entries[row.rank - 1] = row;
    entries = entries.slice(0, update.length);
    total = update.total;
  }
  return { entries, total };
}
