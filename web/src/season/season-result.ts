import type { Entry, LeaderboardSeasonClosed } from "@grandstand/sdk";
import { formatNumber } from "../shell/number-format.js";
import { periodOf } from "./periods.js";

/**
 * The result of a closed season as text; null if it has no entries.
 * @param nameOf the name that the page shows for a user
 */
export function seasonResultText(
  { closed, top }: LeaderboardSeasonClosed,
  userId: string,
  nameOf: (profile: Entry["profile"], id: string) => string,
): string | null {
  const [winner] = top;
  if (!winner) return null;
  const what = periodOf(closed.window)?.won ?? "the season";
  const who = winner.member === userId ? "You" : nameOf(winner.profile, winner.member);
  const won = `${who} won ${what} with ${formatNumber(winner.score)} points.`;
  const own = top.find(({ member, rank }) => member === userId && rank > 1);
  return own ? `${won} You came in at number ${own.rank} of ${formatNumber(closed.total)}.` : won;
}
