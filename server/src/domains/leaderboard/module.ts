import type { DomainDependencies, OpenedSeason } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { boardEventReaders } from "./event-readers.js";
import { leaderboardSource } from "./feed.js";
import { boardHandlers } from "./handlers/boards.js";
import { encodedEntryHandlers, entryHandlers } from "./handlers/entries.js";
import { scoreHandlers } from "./handlers/scores.js";
import { seasonHandlers } from "./handlers/seasons.js";
import { transferHandlers } from "./handlers/transfer.js";
import { SeasonCache } from "./season-cache.js";
import { closeIfOver, scheduleEnds } from "./season-ends.js";
import { BoardStores } from "./store.js";
import { MemberData } from "./user-data.js";

export interface LeaderboardModule extends DomainModule<"leaderboard"> {
  /**
   * Closes a season if it is over.
   * @returns the ms until its end; null if the board has no open season with the window and the end of `season`, for
   * example because this call closed the season
   */
  closeIfOver(season: OpenedSeason): Promise<number | null>;
  /** Schedules the end of every open season again, because a scheduled job may have been lost. */
  scheduleEnds(): Promise<void>;
}

export function leaderboardModule(
  dependencies: DomainDependencies,
  seasonCache = new SeasonCache(),
): LeaderboardModule {
  const stores = new BoardStores(dependencies, seasonCache);
  const operations = {
    ...boardHandlers(stores),
    ...scoreHandlers(stores),
    ...entryHandlers(stores),
    ...seasonHandlers(stores),
    ...transferHandlers(stores),
  };
  const memberData = new MemberData(dependencies, operations["leaderboard.remove"]);
  return {
    operations,
    encodedOperations: encodedEntryHandlers(stores),
    channelSource: leaderboardSource(stores),
    eventReaders: boardEventReaders,
    closeIfOver: (season) => closeIfOver(stores, season),
    scheduleEnds: () => scheduleEnds(stores),
    eraseUser: (user) => memberData.erase(user),
    exportUser: (user, cursor) => memberData.export(user, cursor),
  };
}
