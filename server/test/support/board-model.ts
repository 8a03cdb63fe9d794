import type { BoardConfig, ScoreOperator } from "@grandstand/shared/operations/leaderboard/boards";
import type { Ranking } from "@grandstand/shared/operations/leaderboard/entry";
import { nameOfWindow } from "@grandstand/shared/operations/leaderboard/windows";

export interface ModelSubmit {
  member: string;
  score: number;
  subscore?: number;
  operator?: ScoreOperator;
}

type Pair = { score: number; subscore: number };

export interface ModelEntry extends Pair {
  member: string;
  /** The number of the submit that reached the score. Of equal scores, the lower number ranks first. */
  reached: number;
  isHidden: boolean;
}

/** The effect of a submit on a member's entry in one season. */
interface Outcome extends Pair {
  improved: boolean;
  /** Whether the entry stays unchanged. */
  stays: boolean;
}

/**
 * Whether a sum is accepted. Up to 2^53 - 1 every sum is accepted. Between 2^53 and 1e21 every sum is refused: JSON writes
 * the sum as an integer, and other parsers may round it. From 1e21 on JSON uses an exponent, and a sum is accepted if adding
 * `step` rounded nothing.
 */
function isExactSum(sum: number, before: number, step: number): boolean {
  if (Math.abs(sum) <= Number.MAX_SAFE_INTEGER) return true;
  return Math.abs(sum) >= 1e21 && sum - before === step && sum - step === before;
}

/** The model of a season: a sorted array of entries, best first, including hidden entries. */
export class SeasonModel {
  entries: ModelEntry[] = [];

  constructor(readonly config: BoardConfig) {}

  get visible(): ModelEntry[] {
    return this.entries.filter(({ isHidden }) => !isHidden);
  }

  find(member: string): ModelEntry | undefined {
    return this.entries.find((entry) => entry.member === member);
  }

  /**
   * The rank among the visible entries. A hidden member gets the rank that it would have if it were visible.
   */
  rankOf(member: string): number | null {
    const at = this.entries.findIndex((entry) => entry.member === member);
    return at < 0 ? null : this.entries.slice(0, at).filter(({ isHidden }) => !isHidden).length + 1;
  }

  /** The rank of a pair under a ranking rule. @param ordinal its rank under the rule `ordinal` */
  rankUnder(ranking: Ranking, pair: Pair, ordinal: number): number {
    if (ranking === "ordinal") return ordinal;
    const ahead = this.visible.filter((entry) => this.compare(entry, pair) < 0);
    if (ranking === "competition") return ahead.length + 1;
    return new Set(ahead.map(({ score, subscore }) => `${score + 0} ${subscore + 0}`)).size + 1;
  }

  /** How many visible entries would be ahead of an entry that reached `pair` now. */
  aheadOrLevel(pair: Pair): number {
    return this.visible.filter((entry) => this.compare(entry, pair) <= 0).length;
  }

  /** @returns the rule that refuses the score, or the effect that the submit would have */
  weigh({ member, score, subscore = 0, operator = this.config.operator }: ModelSubmit): string | Outcome {
    const { min = -Infinity, max = Infinity, maxDelta = Infinity } = this.config;
    const present = this.find(member);
    const next: Pair =
      present && operator === "sum"
        ? { score: present.score + score, subscore: present.subscore + subscore }
        : { score, subscore };
    if (!Number.isFinite(next.score) || !Number.isFinite(next.subscore)) return "overflow";
    if (next.score < min) return "min";
    if (next.score > max) return "max";
    if (present && operator === "sum") {
      const isExact =
        isExactSum(next.score, present.score, score) && isExactSum(next.subscore, present.subscore, subscore);
      if (!isExact) return "overflow";
    }
    const improved = present === undefined || this.compare(next, present) < 0;
    if (present && (this.compare(next, present) === 0 || (operator === "best" && !improved))) {
      return { score: present.score, subscore: present.subscore, improved, stays: true };
    }
    if (present && Math.abs(next.score - present.score) > maxDelta) return "maxDelta";
    return { ...next, improved, stays: false };
  }

  write(member: string, { score, subscore, stays }: Outcome, reached: number, isHidden: boolean): void {
    if (stays) return;
    const hidden = this.find(member)?.isHidden ?? isHidden;
    this.remove(member);
    this.entries.push({ member, score, subscore, reached, isHidden: hidden });
    this.sort();
  }

  /** Removes the worst entries above `maxEntries`. Visible and hidden entries are limited separately. */
  trim(): void {
    const { maxEntries = Infinity } = this.config;
    for (const isHidden of [true, false]) {
      const surplus = this.entries.filter((entry) => entry.isHidden === isHidden).slice(maxEntries);
      this.entries = this.entries.filter((entry) => !surplus.includes(entry));
    }
  }

  remove(member: string): boolean {
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => entry.member !== member);
    return this.entries.length < before;
  }

  /** Negative when `one` leads. */
  compare(one: Pair, other: Pair): number {
    // The difference of two large doubles can be infinite, but never has the wrong sign.
    const bySubscore = one.subscore - other.subscore;
    const rising =
      one.score - other.score || (this.config.subscoreOrder === "reverse" ? -bySubscore : bySubscore);
    return this.config.order === "asc" ? rising : -rising;
  }

  private sort(): void {
    this.entries.sort((one, other) => this.compare(one, other) || one.reached - other.reached);
  }
}

/**
 * The model of a board, by the rules LB2 to LB8 of docs/requirements.md: its open seasons, its closed seasons, and its
 * hidden members.
 */
export class BoardModel {
  readonly open: Map<string, SeasonModel>;
  readonly closed: { window: string; season: string; entries: ModelEntry[] }[] = [];
  readonly #hidden = new Set<string>();
  #submits = 0;

  constructor(readonly config: BoardConfig) {
    this.open = new Map(
      config.windows.map((window) => [nameOfWindow(window), new SeasonModel(config)] as const),
    );
  }

  /** The open season of the first window. */
  get first(): SeasonModel {
    return this.open.get(nameOfWindow(this.config.windows[0]!))!;
  }

  /** @returns the rule that refuses the score, or whether the entry in the first window improved */
  submit(submit: ModelSubmit): string | boolean {
    this.#submits += 1;
    const outcomes: [SeasonModel, Outcome][] = [];
    for (const season of this.open.values()) {
      const outcome = season.weigh(submit);
      if (typeof outcome === "string") return outcome;
      outcomes.push([season, outcome]);
    }
    for (const [season, outcome] of outcomes) {
      season.write(submit.member, outcome, this.#submits, this.#hidden.has(submit.member));
    }
    return outcomes[0]![1].improved;
  }

  /** Removes the entries above `maxEntries` from all open seasons. */
  trim(): void {
    for (const season of this.open.values()) season.trim();
  }

  remove(member: string): boolean {
    return [...this.open.values()].map((season) => season.remove(member)).includes(true);
  }

  setHidden(member: string, isHidden: boolean): void {
    if (isHidden) this.#hidden.add(member);
    else this.#hidden.delete(member);
    for (const season of this.open.values()) {
      const entry = season.find(member);
      if (!entry || entry.isHidden === isHidden) continue;
      entry.isHidden = isHidden;
      season.trim();
    }
  }

  close(window: string, season: string): void {
    this.closed.push({ window, season, entries: this.open.get(window)!.visible });
    this.open.set(window, new SeasonModel(this.config));
  }
}
