import { GrandstandError } from "@grandstand/shared/errors";
import {
  boardWindows,
  nameOfWindow,
  type SeasonChoice,
} from "@grandstand/shared/operations/leaderboard/windows";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { BoardKeys } from "../../redis/keys.js";
import { runScript, runScriptRaw, type Script, type ScriptArgument } from "../../redis/positional-scripts.js";
import { closeSeason } from "./closing.js";
import type { BoardContext } from "./context.js";
import { firstWindow, type Plan, periodOf, planOf } from "./plan.js";
import { changesTooOften, refuse } from "./refusals.js";
import { countDistinctScript, seasonsScript } from "./scripts.js";
import { type CachedSeason, periodIdOf } from "./season-cache.js";
import { type SeasonRecord, seasonRecordOf } from "./season-record.js";

/** A node is set right once for its plan, its clock and each window; more often only where these change meanwhile. */
const MAX_ATTEMPTS = 24;

/** Entries that one run counts for dense ranks. */
const COUNTED_PER_RUN = 2_000;

/**
 * Runs the scripts of one board: its keys, the idempotent writes, the statuses. Where this node was wrong about the
 * board's plan, the time or an open season, it learns what is so, closes a season that is over, and tries again.
 */
export class BoardStore {
  readonly keys: BoardKeys;
  readonly #context: BoardContext;
  readonly #board: string;

  constructor(context: BoardContext, board: string) {
    this.#context = context;
    this.#board = board;
    this.keys = context.keys.board(board);
  }

  /** In which windows the board counts, as far as this node knows. */
  get plan(): Plan {
    return this.#context.beliefs.plan(this.#board);
  }

  /**
   * Runs a script that reads a season (season.lua).
   * @param choice the board's first window, and its open season, when not given
   * @returns what follows the status, as Buffers, and which season that was.
   * @throws {GrandstandError} what the status says.
   */
  async read(
    script: Script,
    choice: SeasonChoice = {},
    args: ScriptArgument[] = [],
  ): Promise<{ reply: Buffer[]; season: CachedSeason }> {
    let season!: CachedSeason;
    const run = async (): Promise<unknown[]> => {
      season = await this.chosen(choice);
      const reply = await this.#runRaw(script, season, args);
      // Only a script that was asked for dense ranks says so.
      if (String(reply[0]) !== "dense") return reply;
      await this.#countDistinct(season);
      return this.#runRaw(script, season, args);
    };
    return { reply: (await this.attempt(run)) as Buffer[], season };
  }

  /**
   * Runs a script that writes to the open seasons of some windows, and tells watchers (writing.lua).
   * @param window one of the board's; all of them when not given
   * @returns what follows the status, strings and tables of strings.
   * @throws {GrandstandError} what the status says.
   */
  write(
    script: Script,
    idempotency: Idempotency | null,
    args: ScriptArgument[] = [],
    window?: string,
  ): Promise<unknown[]> {
    return this.attempt(async () => {
      const seasons = window === undefined ? this.openSeasons() : [await this.chosen({ window })];
      return this.run(script, idempotency, seasons, args);
    });
  }

  /** Runs a script that writes once, whatever its status. */
  async run(
    script: Script,
    idempotency: Idempotency | null,
    seasons: CachedSeason[],
    args: ScriptArgument[],
  ): Promise<unknown[]> {
    const { scope, argv } = idempotencyArguments(idempotency);
    const { meta, topic, seasons: known, hiddenMembers, answer } = this.keys;
    const keys = [meta, answer(scope), topic, known, hiddenMembers];
    const head: ScriptArgument[] = [...argv, this.#context.publishCommand, this.plan.id, seasons.length];
    for (const season of seasons) {
      keys.push(...this.#keysOf(season));
      head.push(...argumentsOf(season));
    }
    return (await runScript(this.#context.redis, script, keys, [...head, ...args])) as unknown[];
  }

  /**
   * Runs something until its status says that this node was right.
   * @returns what follows the status `ok`.
   * @throws {GrandstandError} what another status says.
   */
  async attempt(run: () => Promise<unknown[]>): Promise<unknown[]> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const [status, ...rest] = await run();
      if (String(status) === "ok") return rest;
      if (!(await this.#learn(String(status), rest.map(String)))) refuse(String(status));
    }
    throw changesTooOften();
  }

  /** The seasons that the board knows, and how many entries the open one of each window has. */
  async seasons(): Promise<{ records: SeasonRecord[]; open: Map<string, number> }> {
    let windows: CachedSeason[] = [];
    const [totals, flat] = (await this.attempt(async () => {
      windows = this.openSeasons();
      return (await runScript(
        this.#context.redis,
        seasonsScript,
        [this.keys.meta, this.keys.seasons, ...windows.flatMap((one) => this.#keysOf(one))],
        [this.plan.id, windows.length, ...windows.flatMap(argumentsOf)],
      )) as unknown[];
    })) as [string[], string[]];
    const records = flat.flatMap((field, at) => (at % 2 === 0 ? [seasonRecordOf(field, flat[at + 1]!)] : []));
    return { records, open: new Map(windows.map(({ window }, at) => [window, Number(totals[at])])) };
  }

  /** The open season of each window, as far as this node knows. */
  openSeasons(): CachedSeason[] {
    const { beliefs } = this.#context;
    return this.plan.windows.map((window) => beliefs.openSeason(this.#board, nameOfWindow(window)));
  }

  /**
   * The season that is meant.
   * @throws {GrandstandError} `not_found` when the board has no such window.
   */
  async chosen({ window, season }: SeasonChoice): Promise<CachedSeason> {
    if (window !== undefined && !this.plan.calendars.has(window)) {
      await this.#learnPlan();
      if (!this.plan.calendars.has(window)) {
        throw new GrandstandError("not_found", "The board has no such window", {
          issues: [{ path: "window", rule: "window", message: "must be one of the board's windows" }],
        });
      }
    }
    const name = window ?? firstWindow(this.plan);
    const open = this.#context.beliefs.openSeason(this.#board, name);
    return season === undefined || season === open.season ? open : { window: name, season, period: null };
  }

  #runRaw(script: Script, season: CachedSeason, args: ScriptArgument[]): Promise<Buffer[]> {
    return runScriptRaw(
      this.#context.redis,
      script,
      [this.keys.meta, this.keys.seasons, ...this.#keysOf(season)],
      [this.plan.id, ...argumentsOf(season), ...args],
    ) as Promise<Buffer[]>;
  }

  #keysOf({ window, season }: CachedSeason): string[] {
    return this.keys.season(window, season);
  }

  /** @returns whether the status told this node something that it did not know, so that another try may do. */
  async #learn(status: string, [first, second]: string[]): Promise<boolean> {
    const { beliefs } = this.#context;
    if (status === "plan") this.#notePlan(first!, second!);
    else if (status === "clock") beliefs.learnTime(Number(first));
    else if (status === "open") await this.#learnOpen(first!, second!);
    else return false;
    return true;
  }

  async #learnOpen(window: string, season: string): Promise<void> {
    const { beliefs } = this.#context;
    // Another call has learned since that the board has other windows: the next try asks about those.
    if (!this.plan.calendars.has(window)) return;
    if (periodIdOf(season) === periodOf(this.plan, window, beliefs.now()).id) {
      beliefs.learnOpen(this.#board, window, season);
      return;
    }
    const reply = await closeSeason(this.#context, this.#board, { window, season }, "over");
    const [status, ...rest] = reply.map(String);
    if (status === "running") {
      throw new GrandstandError("unavailable", "Redis's clock is behind the season", { retryAfterMs: 1_000 });
    }
    // Another one closed it meanwhile: what is so now, the next try tells.
    if (status !== "open") await this.#learn(status!, rest);
  }

  async #learnPlan(): Promise<void> {
    const [windows, timezone] = await this.#context.redis.hmget(this.keys.meta, "windows", "timezone");
    if (!windows || !timezone) refuse("not_found");
    else this.#notePlan(windows, timezone);
  }

  #notePlan(windows: string, timezone: string): void {
    const plan = planOf(boardWindows.parse(JSON.parse(windows)), timezone);
    this.#context.beliefs.learnPlan(this.#board, plan);
  }

  /** Prepares dense ranks. It goes on in the background if the caller has no time to wait for it. */
  #countDistinct(season: CachedSeason): Promise<void> {
    const [ranking] = this.#keysOf(season);
    return this.#context.denseCounts.once(ranking!, () => this.#count(season));
  }

  async #count(season: CachedSeason): Promise<void> {
    let [score, place]: (Buffer | string | undefined)[] = ["", ""];
    do {
      const reply = await this.#runRaw(countDistinctScript, season, [COUNTED_PER_RUN, score!, place!]);
      if (String(reply[0]) !== "ok") return;
      [, score, place] = reply;
    } while (score !== undefined);
  }
}

function argumentsOf({ window, season, period }: CachedSeason): ScriptArgument[] {
  return [window, season, period?.startsAtMs ?? "", period?.endsAtMs ?? ""];
}
