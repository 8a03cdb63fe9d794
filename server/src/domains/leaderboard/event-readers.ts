import { toIsoTime } from "../../core/iso-time.js";
import type { EventReaders, QueuedEvent } from "../shared/queued-event.js";
import { seasonRecord } from "./season-record.js";
import { idOf } from "./stored-id.js";

interface RankChange {
  member: string;
  score: number;
  rank: number;
  previousRank: number | null;
}

export const boardEventReaders: EventReaders = {
  "leaderboard.season_closed": {
    async read({ source, values: [window, season, text, next] }) {
      const { startsAtMs, closedAtMs, total } = seasonRecord(window!, season!, text!);
      return {
        board: source.id,
        window: window!,
        season: season!,
        startsAt: toIsoTime(startsAtMs),
        closedAt: toIsoTime(closedAtMs!),
        total: total!,
        next: next!,
      };
    },
    users: () => [],
  },

  "leaderboard.rank_changed": {
    async read(event, { top }) {
      const [window, season] = event.values;
      const changes = changesOf(event).filter((change) => isWithin(change, top));
      return { board: event.source.id, window: window!, season: season!, changes };
    },
    users: (event) => changesOf(event).map(({ member }) => member),
    concerns: (event, { top }) => changesOf(event).some((change) => isWithin(change, top)),
  },
};

/** Reads the values that rank-events.lua queued. */
function changesOf({ values }: QueuedEvent): RankChange[] {
  const changes: RankChange[] = [];
  for (let at = 2; at < values.length; at += 4) {
    const [member, score, rank, previous] = values.slice(at, at + 4) as [string, string, string, string];
    changes.push({
      member: idOf(Buffer.from(member, "hex")),
      score: Number(score),
      rank: Number(rank),
      previousRank: previous === "" ? null : Number(previous),
    });
  }
  return changes;
}

/** Whether a member's new or previous rank is one of the first `top` ranks. */
function isWithin({ rank, previousRank }: RankChange, top: number): boolean {
  return rank <= top || (previousRank !== null && previousRank <= top);
}
