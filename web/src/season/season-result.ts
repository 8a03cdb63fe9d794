import type { LeaderboardSeasonClosed } from "@grandstand/sdk";
import { displayName } from "../shell/display-name.js";
import { formatNumber } from "../shell/number-format.js";
import { periodOf } from "./periods.js";

/** The result of a closed season as text; null if nobody played in it. */
export function seasonResultText({ closed, top }: LeaderboardSeasonClosed, userId: string): string | null {
  const [winner] = top;
  if (!winner) return null;
  const what = periodOf(closed.window)?.won ?? "the season";
  const who = winner.member === userId ? "You" : displayName(winner.profile, winner.member);
  const won = `${who} won ${what} with ${formatNumber(winner.score)} points.`;
  const own = top.find(({ member, rank }) => member === userId && rank > 1);
  return own ? `${won} You came in at number ${own.rank} of ${formatNumber(closed.total)}.` : won;
}
