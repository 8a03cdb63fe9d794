import type { Stats } from "@grandstand/shared/operations/leaderboard/entries";
import type { SeasonChoice } from "@grandstand/shared/operations/leaderboard/windows";
import { LRUCache } from "lru-cache";
import { statsScript } from "./scripts.js";
import type { BoardStores } from "./store.js";
import { storedId } from "./stored-id.js";

/** Results are cached for this time, because many users may open the same page at the same time. */
const CACHED_MS = 1_000;
const HISTOGRAM_BINS = 20;
const MAX_FOR_MEAN = 1_000;
const QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/** Reads how the scores of boards are distributed. Results are cached for a second, so equal questions share one read. */
export class StatsReader {
  readonly #stores: BoardStores;
  readonly #cached = new LRUCache<string, Promise<Stats>>({ max: 1_000, ttl: CACHED_MS });

  constructor(stores: BoardStores) {
    this.#stores = stores;
  }

  /**
   * @param viewer the user who asks, or "" (`viewerOf` in pages.ts)
   * @param subject the member or score for which to compute the percentile; null for none
   * @throws {GrandstandError} `not_found` for an unknown board, season or member
   */
  read(board: string, choice: SeasonChoice, viewer: string, subject: string | number | null): Promise<Stats> {
    // The result depends on the viewer only if the subject is a member: the member may be hidden from the viewer.
    const askedBy = typeof subject === "string" ? viewer : "";
    const question = JSON.stringify([board, choice.window, choice.season, choice.where, askedBy, subject]);
    const cached = this.#cached.get(question);
    if (cached) return cached;
    const reading = this.#read(board, choice, viewer, subject);
    this.#cached.set(question, reading);
    reading.catch(() => this.#cached.delete(question));
    return reading;
  }

  async #read(
    board: string,
    choice: SeasonChoice,
    viewer: string,
    subject: string | number | null,
  ): Promise<Stats> {
    const { reply, season } = await this.#stores.of(board).read(statsScript, choice, {
      viewer: storedId(viewer),
      bins: HISTOGRAM_BINS,
      maxForMean: MAX_FOR_MEAN,
      subject: subject === null ? "" : typeof subject === "string" ? "member" : "score",
      subjectValue: typeof subject === "string" ? storedId(subject) : String(subject ?? ""),
      quantiles: QUANTILES,
    });
    const lists = [reply.scores, reply.bounds, reply.counts] as unknown as Buffer[][];
    const [scores, bounds, counts] = lists.map((list) => list.map(Number));
    return {
      count: Number(reply.count),
      min: bounds![0] ?? null,
      max: bounds!.at(-1) ?? null,
      mean: numberOrNull(reply.mean),
      quantiles: scores!.map((score, at) => ({ quantile: QUANTILES[at]!, score })),
      histogram: counts!.map((count, at) => ({ from: bounds![at]!, to: bounds![at + 1]!, count })),
      percentile: numberOrNull(reply.percentile),
      season: season.season,
    };
  }
}

function numberOrNull(text: Buffer): number | null {
  return text.length === 0 ? null : Number(text);
}
