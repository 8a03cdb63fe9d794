import type { DomainDependencies, OpenedSeason } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import type { BoardContext } from "./context.js";
import { DenseCounts } from "./dense-counts.js";
import { leaderboardSource } from "./feed.js";
import { leaderboardHandlers } from "./handlers.js";
import { SeasonCache } from "./season-cache.js";
import { closeIfOver, expectEnds } from "./season-ends.js";
import { MemberData } from "./user-data.js";

export interface LeaderboardModule extends DomainModule<"leaderboard"> {
  /** @returns in how many milliseconds the season ends; null when it is over and closed */
  closeIfOver(season: OpenedSeason): Promise<number | null>;
  /** Schedules the end of every open season again. */
  scheduleEnds(): Promise<void>;
}

export function leaderboardModule(dependencies: DomainDependencies): LeaderboardModule {
  const context: BoardContext = {
    ...dependencies,
    beliefs: new SeasonCache(),
    denseCounts: new DenseCounts(),
    onOpened: dependencies.scheduleSeasonEnd,
  };
  const operations = leaderboardHandlers(context);
  const memberData = new MemberData(dependencies, operations["leaderboard.remove"]);
  return {
    operations,
    eraseUser: (user) => memberData.erase(user),
    exportUser: (user, cursor) => memberData.export(user, cursor),
    channelSource: leaderboardSource(context, dependencies.log),
    closeIfOver: (season) => closeIfOver(context, season),
    scheduleEnds: () => expectEnds(context),
  };
}
