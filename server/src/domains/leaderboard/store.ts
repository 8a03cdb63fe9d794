import { GrandstandError } from "@grandstand/shared/errors";
import {
  boardWindows,
  nameOfWindow,
  type SeasonChoice,
  type Where,
} from "@grandstand/shared/operations/leaderboard/windows";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { BoardKeys } from "../../redis/keys.js";
import {
  type ArgumentsOf,
  namedReply,
  type ReplyOf,
  runScript,
  runScriptRaw,
  type Script,
} from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { EventArgument } from "../shared/event-queue.js";
import { IdIndex } from "../shared/id-index.js";
import { BoardKeyCache } from "./board-key-cache.js";
import { changesTooOften, throwUnlessOk } from "./script-errors.js";
import { closeScript, countDistinctScript, deleteScript, forgetScript, seasonsScript } from "./scripts.js";
import { type CachedSeason, periodIdOf, type SeasonCache } from "./season-cache.js";
import { type SeasonRecord, seasonRecordOf, surplusOf } from "./season-record.js";
import { firstWindow, periodOf, planOf, type WindowPlan } from "./window-plan.js";

/**
 * How many times one call may run its script. Each run reports at most one stale part of the season cache: the board's
 * windows, Redis's time, or the open season of one window. The limit is enough to refresh all parts.
 */
const MAX_ATTEMPTS = 24;
/** How many entries one run of count-distinct.lua counts. */
const COUNTED_PER_RUN = 2_000;
/** How many seasons one run of forget.lua deletes. Redis serves no other command while a script runs. */
const FORGOTTEN_PER_RUN = 10;
/** The assumed greatest difference between Redis's clock and this node's, for reads without a script. */
const CLOCK_MARGIN_MS = 60_000;
/** How many times one deletion may run delete.lua, which deletes nothing if seasons opened or closed meanwhile. */
const MAX_DELETIONS = 5;

/** The arguments of a script without those that the store adds. */
export type OwnArguments<Args extends string> = Omit<
  ArgumentsOf<Args>,
  | "plan"
  | "windows"
  | "publishCommand"
  | "fingerprint"
  | "replyTtlMs"
  | "whereField"
  | "whereValue"
  | "known"
  | EventArgument
>;

/** Creates the stores of boards, and contains what all stores of a node share. */
export class BoardStores {
  readonly dependencies: DomainDependencies;
  readonly seasonCache: SeasonCache;
  /** The ids of all boards. */
  readonly index: IdIndex;
  readonly keys: BoardKeyCache;
  /** The rankings whose distinct scores are being counted now, each with the promise of its count. */
  readonly #distinctCounts = new Map<string, Promise<void>>();

  constructor(dependencies: DomainDependencies, seasonCache: SeasonCache) {
    this.dependencies = dependencies;
    this.seasonCache = seasonCache;
    this.keys = new BoardKeyCache(dependencies.keys);
    this.index = new IdIndex(dependencies.redis, dependencies.keys.boards);
  }

  of(board: string): BoardStore {
    return new BoardStore(this, board);
  }

  /** Starts a count of distinct scores, or returns the count of the same ranking that is in progress. */
  countDistinctOnce(ranking: string, count: () => Promise<void>): Promise<void> {
    const running = this.#distinctCounts.get(ranking);
    if (running) return running;
    const started = count().finally(() => this.#distinctCounts.delete(ranking));
    this.#distinctCounts.set(ranking, started);
    return started;
  }
}

/**
 * Runs the scripts of one board. When a script reports a stale season cache, the store refreshes it, closes a season that
 * is over, and runs the script again.
 */
export class BoardStore {
  readonly board: string;
  readonly keys: BoardKeys;
  readonly #stores: BoardStores;
  readonly #dependencies: DomainDependencies;
  readonly #cache: SeasonCache;

  constructor(stores: BoardStores, board: string) {
    this.board = board;
    this.#stores = stores;
    this.#dependencies = stores.dependencies;
    this.#cache = stores.seasonCache;
    this.keys = stores.keys.of(board);
  }

  /** The board's windows, as cached. */
  get plan(): WindowPlan {
    return this.#cache.plan(this.board);
  }

  /**
   * Runs a script that reads one season.
   * @param choice defaults to the board's first window and its open season
   * @returns the reply by name, as Buffers, and the season that was read
   * @throws {GrandstandError} for a status other than `ok`
   */
  async read<Args extends string, Reply extends string>(
    script: Script<Args, Reply>,
    choice: SeasonChoice,
    args: OwnArguments<Args>,
  ): Promise<{ reply: ReplyOf<Reply, Buffer>; season: CachedSeason }> {
    const { reply, season } = await this.readSince("", script, choice, args);
    return { reply: reply!, season };
  }

  /**
   * Like `read`, for a node that has cached the result of an earlier read.
   * @param known the position of the cached result, or ""
   * @returns a null reply if the board has not changed since that position
   */
  async readSince<Args extends string, Reply extends string>(
    known: string,
    script: Script<Args, Reply>,
    choice: SeasonChoice,
    args: OwnArguments<Args>,
  ): Promise<{ reply: ReplyOf<Reply, Buffer> | null; season: CachedSeason }> {
    let season!: CachedSeason;
    const reply = await this.attempt(script, async () => {
      season = await this.chosen(choice);
      const first = await this.#runRaw(script, season, { ...args, known });
      // `dense`: the distinct scores of the ranking must be counted before the script can reply dense ranks.
      if (String(first[0]) !== "dense") return first;
      await this.#countDistinct(season);
      return this.#runRaw(script, season, { ...args, known });
    });
    return { reply: reply as ReplyOf<Reply, Buffer> | null, season };
  }

  /**
   * Asks Redis with one HMGET whether a season is open and the board has not changed since a position. Returns false for a
   * closed season. Also returns false near the end of the open season, because only a script can compare that end with
   * Redis's clock.
   */
  async isUnchangedSince(position: string, { window, season, period }: CachedSeason): Promise<boolean> {
    if (period === null || this.#isNearEnd(period)) return false;
    const fields = ["plan", `open:${window}`, "epoch", "offset"];
    const [plan, open, epoch, offset] = await this.#dependencies.redis.hmget(this.keys.meta, ...fields);
    return plan === this.plan.id && open === season && `${epoch}:${offset}` === position;
  }

  #isNearEnd({ startsAtMs, endsAtMs }: NonNullable<CachedSeason["period"]>): boolean {
    const now = this.#cache.now();
    return now < startsAtMs || (endsAtMs !== null && now > endsAtMs - CLOCK_MARGIN_MS);
  }

  /**
   * Runs a script that writes to open seasons and notifies watchers.
   * @param window the window to write to; all windows of the board if not given
   * @returns the reply by name
   * @throws {GrandstandError} for a status other than `ok`
   */
  write<Args extends string, Reply extends string>(
    script: Script<Args, Reply>,
    idempotency: Idempotency | null,
    args: OwnArguments<Args>,
    window?: string,
  ): Promise<ReplyOf<Reply>> {
    return this.attempt(script, async () => {
      const seasons = window === undefined ? this.openSeasons() : [await this.chosen({ window })];
      return this.run(script, idempotency, seasons, args);
    }) as Promise<ReplyOf<Reply>>;
  }

  /** Runs a script once, without a check of its status. @returns its status and values */
  async run<Args extends string>(
    script: Script<Args, string>,
    idempotency: Idempotency | null,
    seasons: readonly CachedSeason[],
    args: OwnArguments<Args>,
  ): Promise<string[]> {
    const { redis, events } = this.#dependencies;
    const { keys, values } = this.#input(idempotency, seasons, args);
    return (await events.run(script, { kind: "board", id: this.board }, (outbox) =>
      runScript(redis, script, keys, Object.assign(values as object, outbox) as ArgumentsOf<Args>),
    )) as string[];
  }

  /**
   * Runs `script` until it reports no stale season cache. Refreshes the cache after each report.
   * @returns the reply by name; null for the status `same`
   * @throws {GrandstandError} for a status that is a refusal; `unavailable` when the cache is still stale after
   * MAX_ATTEMPTS runs
   */
  async attempt<Value extends string | Buffer>(
    script: Script<string, string>,
    run: () => Promise<Value[]>,
  ): Promise<unknown> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const [first, ...values] = await run();
      const status = String(first);
      if (status === "ok") return namedReply(script, status, values);
      if (status === "same") return null;
      const stale = namedReply(script, status, values.map(String));
      if (!(await this.#refresh(status, stale))) throwUnlessOk(status, stale);
    }
    throw changesTooOften();
  }

  /** The seasons of the board, and the number of entries in each window's open season. */
  async seasons(): Promise<{ records: SeasonRecord[]; totals: Map<string, number> }> {
    let windows: CachedSeason[] = [];
    const reply = (await this.attempt(seasonsScript, () => {
      windows = this.openSeasons();
      return this.run(seasonsScript, null, windows, {});
    })) as { totals: string[]; records: string[] };
    const records = reply.records.flatMap((field, at, all) =>
      at % 2 === 0 ? [seasonRecordOf(field, all[at + 1]!)] : [],
    );
    return { records, totals: new Map(windows.map(({ window }, at) => [window, Number(reply.totals[at])])) };
  }

  /** The open season of each window, as cached. */
  openSeasons(): CachedSeason[] {
    return this.plan.windows.map((window) => this.#cache.openSeason(this.board, nameOfWindow(window)));
  }

  /**
   * The season that a caller chose: by default the open season of the board's first window.
   * @throws {GrandstandError} `not_found` when the board has no such window
   */
  async chosen({ window, season, where }: SeasonChoice): Promise<CachedSeason> {
    if (window !== undefined && !this.plan.calendars.has(window)) {
      await this.#refreshPlan();
      if (!this.plan.calendars.has(window)) {
        throw new GrandstandError("not_found", "The board has no such window", {
          issues: [{ path: "window", rule: "window", message: "must be one of the board's windows" }],
        });
      }
    }
    const name = window ?? firstWindow(this.plan);
    const open = this.#cache.openSeason(this.board, name);
    const chosen =
      season === undefined || season === open.season ? open : { window: name, season, period: null };
    return where === undefined ? chosen : { ...chosen, where };
  }

  /**
   * Closes a season and opens the next one. If several nodes try this at the same time, the season closes once.
   * @param condition `over`: close only if the period is over; `now`: close in any case
   * @returns the status and values of close.lua
   */
  async close(
    { window, season }: { window: string; season: string },
    condition: "over" | "now",
    idempotency: Idempotency | null = null,
  ): Promise<string[]> {
    const { id, startsAtMs, endsAtMs } = periodOf(this.plan, window, this.#cache.now());
    const closing = { window, season, period: { startsAtMs, endsAtMs } };
    const [status, ...values] = await this.run(closeScript, idempotency, [closing], {
      period: id,
      condition,
    });
    if (status !== "ok") return [status!, ...values];
    const { next } = namedReply(closeScript, status, values);
    this.#cache.refreshOpen(this.board, window, next);
    this.scheduleEnd(window, endsAtMs);
    await this.forgetSurplus();
    return [status, ...values];
  }

  scheduleEnd(window: string, endsAtMs: number | null): void {
    if (endsAtMs !== null) this.#dependencies.scheduleSeasonEnd({ board: this.board, window, endsAtMs });
  }

  /** Deletes closed seasons beyond `retainSeasons`. If the node stops meanwhile, the next close deletes the rest. */
  async forgetSurplus(): Promise<void> {
    const { redis } = this.#dependencies;
    const { plan } = this;
    const [all, retained] = await Promise.all([
      redis.hgetall(this.keys.seasons),
      redis.hget(this.keys.meta, "retainSeasons"),
    ]);
    if (retained === null) return;
    const records = Object.entries(all).map(([field, text]) => seasonRecordOf(field, text));
    const surplus = surplusOf(records, new Set(plan.windows.map(nameOfWindow)), Number(retained));
    for (let at = 0; at < surplus.length; at += FORGOTTEN_PER_RUN) {
      const listed = this.#listed(surplus.slice(at, at + FORGOTTEN_PER_RUN));
      const values = { plan: plan.id, listedSeasons: listed.args };
      await runScript(redis, forgetScript, { ...this.keys, listedSeasons: listed.keys }, values as never);
    }
  }

  /**
   * Deletes the board with all its seasons.
   * @returns false for a repeat under the same idempotency key
   * @throws {GrandstandError} `not_found`; `conflict` when the idempotency key was used with another input; `unavailable`
   * when seasons opened or closed during each of MAX_DELETIONS runs
   */
  async delete(idempotency: Idempotency | null): Promise<boolean> {
    for (let attempt = 0; attempt < MAX_DELETIONS; attempt += 1) {
      const fields = await this.#dependencies.redis.hkeys(this.keys.seasons);
      const listed = this.#listed(fields.map((field) => seasonRecordOf(field, "")));
      const { keys, values } = this.#input(idempotency, [], { listedSeasons: listed.args });
      const [status, isNow] = (await runScript(
        this.#dependencies.redis,
        deleteScript,
        { ...keys, listedSeasons: listed.keys },
        values as never,
      )) as string[];
      if (status === "seasons") continue;
      throwUnlessOk(status!);
      this.#cache.forget(this.board);
      return isNow === "now";
    }
    throw changesTooOften();
  }

  #listed(records: SeasonRecord[]) {
    return {
      keys: records.map(({ window, season }) => this.keys.season(window, season)),
      args: records.map(({ window, season }) => ({ window, season })),
    };
  }

  /**
   * The keys and arguments of a script. Each field is written out, because this runs in every call and object spreads
   * take longer.
   */
  #input(idempotency: Idempotency | null, seasons: readonly CachedSeason[], own: object) {
    const { scope, args } = idempotencyArguments(idempotency);
    const { meta, topic, seasons: seasonRecords, hiddenMembers, outbox } = this.keys;
    const where = seasons[0]?.where;
    const values = {
      fingerprint: args.fingerprint,
      replyTtlMs: args.replyTtlMs,
      publishCommand: this.#dependencies.publishCommand,
      plan: this.plan.id,
      windows: seasons.map(({ window, season, period }) => ({
        name: window,
        season,
        startsMs: period?.startsAtMs ?? "",
        endsMs: period?.endsAtMs ?? "",
      })),
      whereField: "",
      whereValue: "[null]",
      known: "",
    };
    if (where !== undefined) Object.assign(values, whereArguments(where));
    return {
      keys: {
        meta,
        topic,
        seasons: seasonRecords,
        hiddenMembers,
        outbox,
        firstReply: this.keys.firstReply(scope),
        windows: seasons.map(({ window, season }) => this.keys.season(window, season)),
      },
      values: Object.assign(values, own) as unknown,
    };
  }

  async #runRaw<Args extends string>(
    script: Script<Args, string>,
    season: CachedSeason,
    args: OwnArguments<Args>,
  ): Promise<Buffer[]> {
    const { keys, values } = this.#input(null, [season], args);
    return (await runScriptRaw(
      this.#dependencies.redis,
      script,
      keys,
      values as ArgumentsOf<Args>,
    )) as Buffer[];
  }

  /** @returns whether the status reported a stale cache, so that another run may succeed */
  async #refresh(status: string, stale: ReplyOf<string>): Promise<boolean> {
    if (status === "plan") this.#cachePlan(stale.windows!, stale.timezone!);
    else if (status === "clock") this.#cache.refreshTime(Number(stale.nowMs));
    else if (status === "open") await this.#refreshOpen(stale.window!, stale.season!);
    else return false;
    return true;
  }

  async #refreshOpen(window: string, season: string): Promise<void> {
    // The window is missing if another call has meanwhile cached a plan without it. The next run uses that plan.
    if (!this.plan.calendars.has(window)) return;
    if (periodIdOf(season) === periodOf(this.plan, window, this.#cache.now()).id) {
      this.#cache.refreshOpen(this.board, window, season);
      return;
    }
    const [status, ...values] = await this.close({ window, season }, "over");
    if (status === "ok") return;
    if (status === "running") {
      const { beginsMs, endsMs } = namedReply(closeScript, status, values) as unknown as ReplyOf<
        "beginsMs" | "endsMs"
      >;
      const endsAtMs = endsMs === "-" ? null : Number(endsMs);
      this.#cache.refreshNotBegun(this.board, window, { season, beginsAtMs: Number(beginsMs), endsAtMs });
      return;
    }
    // `open` means that another node has closed the season meanwhile. The next run reports the season that is open now.
    if (status !== "open") await this.#refresh(status!, namedReply(closeScript, status!, values) as never);
  }

  async #refreshPlan(): Promise<void> {
    const [windows, timezone] = await this.#dependencies.redis.hmget(this.keys.meta, "windows", "timezone");
    if (!windows || !timezone) throwUnlessOk("not_found");
    else this.#cachePlan(windows, timezone);
  }

  #cachePlan(windows: string, timezone: string): void {
    this.#cache.refreshPlan(this.board, planOf(boardWindows.parse(JSON.parse(windows)), timezone));
  }

  /** Counts the distinct scores of a ranking, for dense ranks. The count continues if the call times out. */
  #countDistinct(season: CachedSeason): Promise<void> {
    const { ranking } = this.keys.season(season.window, season.season);
    const counted = `${ranking} ${JSON.stringify(season.where ?? null)}`;
    return this.#stores.countDistinctOnce(counted, () => this.#count(season));
  }

  async #count(season: CachedSeason): Promise<void> {
    let after: { zsetScore: Buffer | string; zsetMember: Buffer | string } | null = {
      zsetScore: "",
      zsetMember: "",
    };
    while (after !== null) {
      const [status, zsetScore, zsetMember]: Buffer[] = await this.#runRaw(countDistinctScript, season, {
        limit: COUNTED_PER_RUN,
        afterZsetScore: after.zsetScore,
        afterZsetMember: after.zsetMember,
      });
      if (String(status) !== "ok") return;
      after = zsetScore && zsetMember ? { zsetScore, zsetMember } : null;
    }
  }
}

/** The arguments of where.lua. */
function whereArguments(where: Where) {
  const [field, value] = Object.entries(where)[0] ?? [];
  return { whereField: field ?? "", whereValue: JSON.stringify([value ?? null]) };
}
