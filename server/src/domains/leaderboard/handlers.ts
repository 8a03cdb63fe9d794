import type { DomainHandlers } from "../../core/handler.js";
import type { BoardContext } from "./context.js";
import { boardHandlers } from "./handlers/boards.js";
import { entryHandlers } from "./handlers/entries.js";
import { moderationHandlers } from "./handlers/moderation.js";
import { scoreHandlers } from "./handlers/scores.js";
import { seasonHandlers } from "./handlers/seasons.js";
import { transferHandlers } from "./handlers/transfer.js";

export function leaderboardHandlers(context: BoardContext): DomainHandlers<"leaderboard"> {
  return {
    ...boardHandlers(context),
    ...scoreHandlers(context),
    ...entryHandlers(context),
    ...moderationHandlers(context),
    ...seasonHandlers(context),
    ...transferHandlers(context),
  };
}
