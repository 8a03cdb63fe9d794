import type { DomainHandlers } from "../../../core/handler.js";

/** The handlers of some of the operations `leaderboard.*`. */
export type LeaderboardHandlers<Names extends string> = {
  [N in keyof DomainHandlers<"leaderboard"> as N extends `leaderboard.${Names}`
    ? N
    : never]: DomainHandlers<"leaderboard">[N];
};
