import { GrandstandError } from "@grandstand/shared/errors";
import type { DomainHandlers } from "../../../core/handler.js";
import type { ReplyOf } from "../../../redis/scripts.js";
import { closeScript } from "../scripts.js";
import { periodIdOf } from "../season-cache.js";
import { seasonOf, seasonRecord } from "../season-record.js";
import type { BoardStores } from "../store.js";

export function seasonHandlers(stores: BoardStores) {
  return {
    "leaderboard.seasons": async ({ board, window }) => {
      const store = stores.of(board);
      const { records, totals } = await store.seasons();
      const named = window === undefined ? null : (await store.chosen({ window })).window;
      const shown = records.filter((record) => named === null || record.window === named);
      // Open seasons come first, then the closed ones, newest first.
      shown.sort((one, other) => (other.closingOffset ?? Infinity) - (one.closingOffset ?? Infinity) || 0);
      return { seasons: shown.map((record) => seasonOf(record, record.total ?? totals.get(record.window))) };
    },

    "leaderboard.close": async ({ board, window, season }, { idempotency }) => {
      const store = stores.of(board);
      let closing = "";
      const reply = (await store.attempt(closeScript, async () => {
        const open = await store.chosen({ window });
        closing = open.window;
        const wanted = { window: open.window, season: season ?? open.season };
        const values = await store.close(wanted, "now", idempotency);
        const [status, , actual] = values;
        // With the status `open` the script has closed nothing, because the wanted season is not open. The open season is
        // `actual`. If this node's cache has another season than `actual`, `attempt` refreshes the cache and runs this
        // function again. If the cache is right, the caller named a season that is not open.
        const isCurrent = status === "open" && periodIdOf(actual!) === periodIdOf(open.season);
        if (season !== undefined && isCurrent) throw notOpen();
        return values;
      })) as ReplyOf<"closed" | "closedText" | "next" | "nextText">;
      return {
        closed: seasonOf(seasonRecord(closing, reply.closed, reply.closedText)),
        next: seasonOf(seasonRecord(closing, reply.next, reply.nextText)),
      };
    },
  } satisfies Partial<DomainHandlers<"leaderboard">>;
}

function notOpen(): GrandstandError {
  return new GrandstandError("conflict", "The season is not open", {
    issues: [{ path: "season", rule: "open", message: "must be the open season" }],
  });
}
