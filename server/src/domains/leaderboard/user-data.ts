import { randomBytes } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Handler } from "../../core/handler.js";
import { namedReply, runScript, scriptsOf } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { type Erased, type ExportedPart, erasureCall, forEachInParallel } from "../shared/erasure.js";
import { IdIndex } from "../shared/id-index.js";
import { entryOf, rankingMember } from "./entry-codec.js";
import { seasonRecordOf } from "./season-record.js";

const define = scriptsOf(import.meta.url, { keys: ["hiddenMembers", "seasons[]"] });
const eraseMemberScript = define("erase-member", {
  args: ["member", "tombstone"],
  reply: ["erased"],
});

/** How many boards one step looks at. */
const BOARDS_PER_STEP = 100;
const BOARDS_AT_ONCE = 20;

/** A season in which a member has an entry, with the season's keys. */
interface MemberSeason {
  window: string;
  season: string;
  ranking: string;
  records: string;
  hidden: string;
  values: string;
}

/** Erases and exports the entries of one member on all boards. Without an index by member, it looks at each board. */
export class MemberData {
  readonly #dependencies: DomainDependencies;
  readonly #index: IdIndex;
  readonly #removeOpen: Handler<"leaderboard.remove">;

  /** @param removeOpen removes a member from the open seasons of a board */
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
        entries += await this.#eraseOn(board, member);
      });
      cursor = page.nextCursor;
    } while (cursor !== null);
    return { entries };
  }

  async export(member: string, cursor: string): Promise<ExportedPart> {
    const page = await this.#index.page(BOARDS_PER_STEP, "", cursor === "" ? undefined : cursor);
    const lines: ExportedPart["lines"] = [];
    await forEachInParallel(page.ids, BOARDS_AT_ONCE, async (board) => {
      for (const season of await this.#seasonsOf(board, member)) {
        lines.push({ kind: "entry", board, ...(await this.#entryIn(season, member)) });
      }
    });
    return { lines, nextCursor: page.nextCursor };
  }

  async #eraseOn(board: string, member: string): Promise<number> {
    const found = await this.#seasonsOf(board, member);
    if (found.length > 0) await this.#removeFromOpenSeasons(board, member);
    // Entries that are left are in closed seasons.
    const left = found.length > 0 ? await this.#seasonsOf(board, member) : [];
    const { hiddenMembers } = this.#dependencies.keys.board(board);
    const tombstone = `erased-${randomBytes(12).toString("base64url")}`;
    const reply = await runScript(
      this.#dependencies.redis,
      eraseMemberScript,
      { hiddenMembers, seasons: left },
      { member, tombstone },
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
    const hasEntry = await Promise.all(seasons.map(({ records }) => redis.hexists(records, member)));
    return seasons.filter((_, at) => hasEntry[at] === 1);
  }

  async #entryIn({ window, season, ranking, records, hidden }: MemberSeason, member: string) {
    const { redis } = this.#dependencies;
    const record = (await redis.hgetBuffer(records, member)) ?? Buffer.alloc(0);
    const row = { id: Buffer.from(member), score: Buffer.from(""), record };
    const zsetMember = rankingMember(row);
    const [shown, unseen] = await Promise.all([
      redis.zscore(ranking, zsetMember),
      redis.zscore(hidden, zsetMember),
    ]);
    row.score = Buffer.from(shown ?? unseen ?? "0");
    const { score, subscore, metadata, profile, reachedAt } = entryOf(row, 0);
    return { window, season, score, subscore, metadata, profile, reachedAt, hidden: shown === null };
  }
}
