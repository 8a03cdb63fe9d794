import type { BoardConfig, ScoreOperator } from "@grandstand/shared/operations/leaderboard/boards";

export interface ModelSubmit {
  member: string;
  score: number;
  subscore?: number;
  operator?: ScoreOperator;
}

interface ModelEntry {
  member: string;
  score: number;
  subscore: number;
  /** When it was reached: a count, as no two submits are at once. */
  reached: number;
}

type Pair = Pick<ModelEntry, "score" | "subscore">;

/** A board as a sorted array: what LB2 and LB8 ask for in its plainest form. */
export class BoardModel {
  entries: ModelEntry[] = [];
  #submits = 0;

  constructor(readonly config: BoardConfig) {}

  rankOf(member: string): number | null {
    const at = this.entries.findIndex((entry) => entry.member === member);
    return at < 0 ? null : at + 1;
  }

  remove(member: string): boolean {
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => entry.member !== member);
    return this.entries.length < before;
  }

  /** @returns the rule that refuses the score, or whether the entry moved ahead. */
  submit({ member, score, subscore = 0, operator = this.config.operator }: ModelSubmit): string | boolean {
    this.#submits += 1;
    const { min = -Infinity, max = Infinity, maxDelta = Infinity } = this.config;
    const present = this.entries.find((entry) => entry.member === member);
    const next: Pair =
      present && operator === "sum"
        ? { score: present.score + score, subscore: present.subscore + subscore }
        : { score, subscore };
    if (!Number.isFinite(next.score) || !Number.isFinite(next.subscore)) return "overflow";
    if (next.score < min) return "min";
    if (next.score > max) return "max";
    const improves = present === undefined || this.#compare(next, present) < 0;
    if (present && (this.#compare(next, present) === 0 || (operator === "best" && !improves)))
      return improves;
    if (present && Math.abs(next.score - present.score) > maxDelta) return "maxDelta";
    this.remove(member);
    this.entries.push({ member, ...next, reached: this.#submits });
    this.entries.sort((one, other) => this.#compare(one, other) || one.reached - other.reached);
    return improves;
  }

  /** Negative when `one` leads. */
  #compare(one: Pair, other: Pair): number {
    const rising = one.score - other.score || one.subscore - other.subscore;
    // The difference of two large doubles can be infinite, but never has the wrong sign.
    return this.config.order === "asc" ? rising : -rising;
  }
}
