import { randomBytes } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import type { BoardOrder } from "@grandstand/shared/operations/leaderboard/boards";
import type { Entry } from "@grandstand/shared/operations/leaderboard/entry";
import type { Handler } from "../../core/handler.js";
import { namedReply, runScript, runScriptRaw, scriptsOf } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { type Erased, type ExportedPart, erasureCall, forEachInParallel } from "../shared/erasure.js";
import { IdIndex } from "../shared/id-index.js";
import { entryOf } from "./entry-codec.js";
import { seasonRecordOf } from "./season-record.js";
import { storedId } from "./stored-id.js";

const define = scriptsOf(import.meta.url, { keys: ["meta", "hiddenMembers", "seasons[]"] });
const eraseMemberScript = define("erase-member", {
  args: ["member", "tombstone"],
  reply: ["erased"],
});
const memberEntriesScript = define("member-entries", { args: ["member"], reply: ["order", "entries..."] });

/** How many boards one step of an erasure or export examines. */
const BOARDS_PER_STEP = 100;
const BOARDS_AT_ONCE = 20;

/** A season in which a member has an entry, with the season's keys and the entry. */
interface MemberSeason {
  window: string;
  season: string;
  ranking: string;
  records: string;
  hidden: string;
  values: string;
  entry: Omit<Entry, "member" | "rank"> & { hidden: boolean };
}

/** Erases and exports the entries of one member. There is no index by member, so it examines every board. */
export class MemberData {
  readonly #dependencies: DomainDependencies;
  readonly #index: IdIndex;
  readonly #removeOpen: Handler<"leaderboard.remove">;

  /** @param removeOpen the handler that removes a member from the open seasons of a board */
  constructor(dependencies: DomainDependencies, removeOpen: Handler<"leaderboard.remove">) {
    this.#dependencies = dependencies;
    this.#index = new IdIndex(dependencies.redis, dependencies.keys.boards);
    this.#removeOpen = removeOpen;
  }

  async erase(member: string): Promise<Erased> {
    let entries = 0;
    let cursor: string | null = null;
    do {
      const page = await this.#index.page(BOARDS_PER_STEP, "", cursor ?? undefined);
      await forEachInParallel(page.ids, BOARDS_AT_ONCE, async (board) => {
        const onBoard = await this.#eraseOn(board, member);
        entries += onBoard;
      });
      cursor = page.nextCursor;
    } while (cursor !== null);
    return { entries };
  }

  async export(member: string, cursor: string): Promise<ExportedPart> {
    const page = await this.#index.page(BOARDS_PER_STEP, "", cursor === "" ? undefined : cursor);
    const lines: ExportedPart["lines"] = [];
    await forEachInParallel(page.ids, BOARDS_AT_ONCE, async (board) => {
      for (const { window, season, entry } of await this.#seasonsOf(board, member)) {
        lines.push({ kind: "entry", board, window, season, ...entry });
      }
    });
    return { lines, nextCursor: page.nextCursor };
  }

  async #eraseOn(board: string, member: string): Promise<number> {
    const found = await this.#seasonsOf(board, member);
    if (found.length > 0) await this.#removeFromOpenSeasons(board, member);
    // The entries that are left are in closed seasons. erase-member.lua replaces them with tombstones.
    const left = found.length > 0 ? await this.#seasonsOf(board, member) : [];
    const { hiddenMembers } = this.#dependencies.keys.board(board);
    const tombstone = `erased-${randomBytes(12).toString("base64url")}`;
    const reply = await runScript(
      this.#dependencies.redis,
      eraseMemberScript,
      { hiddenMembers, seasons: left },
      { member: storedId(member), tombstone: storedId(tombstone) },
    );
    const [status, ...values] = reply as string[];
    const { erased } = namedReply(eraseMemberScript, status!, values);
    return found.length - left.length + Number(erased);
  }

  async #removeFromOpenSeasons(board: string, member: string): Promise<void> {
    try {
      await this.#removeOpen({ board, member }, erasureCall);
    } catch (error) {
      if (!(error instanceof GrandstandError) || error.code !== "not_found") throw error;
    }
  }

  /** The seasons of a board in which a member has an entry. */
  async #seasonsOf(board: string, member: string): Promise<MemberSeason[]> {
    const { redis, keys } = this.#dependencies;
    const boardKeys = keys.board(board);
    const seasons = (await redis.hkeys(boardKeys.seasons)).map((field) => {
      const { window, season } = seasonRecordOf(field, "");
      const { ranking, records, hidden, values } = boardKeys.season(window, season);
      return { window, season, ranking, records, hidden, values };
    });
    const scriptKeys = { meta: boardKeys.meta, seasons };
    const args = { member: storedId(member) };
    const reply = (await runScriptRaw(redis, memberEntriesScript, scriptKeys, args)) as Buffer[];
    const [order, ...entries] = reply.slice(1) as [Buffer, ...Buffer[][]];
    return seasons.flatMap((season, at) => {
      const [zsetMember, zsetScore, record, isHidden] = entries[at]!;
      if (!zsetMember || !zsetScore || !record) return [];
      const row = { zsetMember, zsetScore, record };
      const { member: _, rank: __, ...entry } = entryOf(order.toString() as BoardOrder, row, 0);
      return [{ ...season, entry: { ...entry, hidden: String(isHidden) === "1" } }];
    });
  }
}
