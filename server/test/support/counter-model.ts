import type { CounterConfig } from "@grandstand/shared/operations/counter";

export interface ModelRules {
  min?: number | undefined;
  max?: number | undefined;
  add: NonNullable<CounterConfig["add"]>;
  thresholds: number[];
}

/** The model of a counter, with which tests compare the real counter. */
export class CounterModel {
  value = 0;
  rules: ModelRules = { add: "server", thresholds: [] };
  readonly crossed = new Set<number>();
  exists = false;
  /** The first reply for each idempotency key. */
  readonly #answers = new Map<string, { by: number; value: number }>();

  get thresholds(): { at: number; isCrossed: boolean }[] {
    const rising = this.rules.thresholds.toSorted((one, other) => one - other);
    return rising.map((at) => ({ at, isCrossed: this.crossed.has(at) }));
  }

  /** @returns the new value, or the rule that refuses the add */
  add(writer: "server" | "user", by: number, key?: string): number | string {
    const first = key === undefined ? undefined : this.#answers.get(`${writer} ${key}`);
    if (first) return first.by === by ? first.value : "reused";
    if (writer === "user" && this.rules.add === "server") return "forbidden";
    const value = BigInt(this.value) + BigInt(by);
    const broken = this.#brokenRule(value);
    if (broken) return broken;
    this.exists = true;
    for (const threshold of this.rules.thresholds) {
      const isReached =
        this.value < threshold ? value >= threshold : this.value > threshold && value <= threshold;
      if (isReached) this.crossed.add(threshold);
    }
    this.value = Number(value);
    if (key !== undefined) this.#answers.set(`${writer} ${key}`, { by, value: this.value });
    return this.value;
  }

  set(value: number): number | string {
    const broken = this.#brokenRule(BigInt(value));
    if (broken) return broken;
    const previous = this.value;
    this.#put(value);
    this.exists = true;
    return previous;
  }

  reset(): number {
    const previous = this.value;
    if (this.exists) this.#put(this.#origin(this.rules));
    return previous;
  }

  configure(rules: ModelRules): string | null {
    const value = this.exists ? this.value : this.#origin(rules);
    if (rules.min !== undefined && value < rules.min) return "min";
    if (rules.max !== undefined && value > rules.max) return "max";
    this.rules = rules;
    this.value = value;
    this.exists = true;
    for (const threshold of [...this.crossed]) {
      if (!rules.thresholds.includes(threshold)) this.crossed.delete(threshold);
    }
    return null;
  }

  delete(): boolean {
    const existed = this.exists;
    this.exists = false;
    this.rules = { add: "server", thresholds: [] };
    this.#put(0);
    return existed;
  }

  #put(value: number): void {
    this.value = value;
    this.crossed.clear();
  }

  #origin({ min, max }: ModelRules): number {
    if (min !== undefined && min > 0) return min;
    return max !== undefined && max < 0 ? max : 0;
  }

  #brokenRule(value: bigint): string | null {
    const { min, max } = this.rules;
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) return "overflow";
    if (min !== undefined && value < min) return "min";
    return max !== undefined && value > max ? "max" : null;
  }
}
