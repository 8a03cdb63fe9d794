import type { LeaderboardSeasonClosed } from "@grandstand/sdk";
import { nameOf } from "../board/name-of.js";
import { formatScore } from "../board/score-format.js";
import { periodOf } from "./periods.js";

/** What there is to say of a season that ended; null where nobody played in it. */
export function finalWordsOf({ closed, top }: LeaderboardSeasonClosed, userId: string): string | null {
  const [winner] = top;
  if (!winner) return null;
  const what = periodOf(closed.window)?.won ?? "the season";
  const who = winner.member === userId ? "You" : nameOf(winner);
  const won = `${who} won ${what} with ${formatScore(winner.score)} points.`;
  const own = top.find(({ member, rank }) => member === userId && rank > 1);
  return own ? `${won} You came in at number ${own.rank} of ${formatScore(closed.total)}.` : won;
}
