import type { Stats } from "@grandstand/shared/operations/leaderboard/entries";
import type { SeasonChoice } from "@grandstand/shared/operations/leaderboard/windows";
import { LRUCache } from "lru-cache";
import type { BoardContext } from "./context.js";
import { statsScript } from "./scripts.js";
import { BoardStore } from "./store.js";

/** Long enough to spare Redis a page that everyone opens, short enough to be live. */
const BELIEVED_MS = 1_000;
const HISTOGRAM_STEPS = 20;
const MOST_FOR_MEAN = 1_000;
const QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/** Reads how the scores of boards are distributed, the same thing at most once a second. */
export class StatsReader {
  readonly #context: BoardContext;
  readonly #believed = new LRUCache<string, Promise<Stats>>({ max: 1_000, ttl: BELIEVED_MS });

  constructor(context: BoardContext) {
    this.#context = context;
  }

  /**
   * @param viewer who asks: a member, "" for a server
   * @param of the member or the score whose percentile is asked for
   * @throws {GrandstandError} `not_found`
   */
  read(board: string, choice: SeasonChoice, viewer: string, of: string | number | null): Promise<Stats> {
    const question = JSON.stringify([
      board,
      choice.window,
      choice.season,
      // Whether a member is hidden from whoever asks makes a difference only where one is asked for.
      typeof of === "string" ? viewer : "",
      of,
    ]);
    const known = this.#believed.get(question);
    if (known) return known;
    const asked = this.#ask(board, choice, viewer, of);
    this.#believed.set(question, asked);
    asked.catch(() => this.#believed.delete(question));
    return asked;
  }

  async #ask(
    board: string,
    choice: SeasonChoice,
    viewer: string,
    of: string | number | null,
  ): Promise<Stats> {
    const subject = of === null ? ["", ""] : [typeof of === "string" ? "member" : "score", String(of)];
    const { reply, season } = await new BoardStore(this.#context, board).read(statsScript, choice, [
      viewer,
      HISTOGRAM_STEPS,
      MOST_FOR_MEAN,
      ...subject,
      ...QUANTILES,
    ]);
    const [count, percentile, mean, ...lists] = reply;
    const [scores, bounds, counts] = (lists as unknown as Buffer[][]).map((list) => list.map(Number));
    return {
      count: Number(count),
      min: bounds![0] ?? null,
      max: bounds!.at(-1) ?? null,
      mean: numberOrNull(mean!),
      quantiles: scores!.map((score, at) => ({ quantile: QUANTILES[at]!, score })),
      histogram: counts!.map((count, at) => ({ from: bounds![at]!, to: bounds![at + 1]!, count })),
      percentile: numberOrNull(percentile!),
      season: season.season,
    };
  }
}

function numberOrNull(text: Buffer): number | null {
  return text.length === 0 ? null : Number(text);
}
