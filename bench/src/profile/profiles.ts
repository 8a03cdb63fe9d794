import type { SelfTime } from "./self-times.js";

/** The CPU profile of one server, or of several equal servers together, in one benchmark. */
export interface Profile {
  /** A title that distinguishes these servers from others of the benchmark; empty if there are no others. */
  title: string;
  times: SelfTime[];
}

/** The microseconds that Redis spent on each command. The time of a script excludes the time of its commands. */
export type CommandTimes = Record<string, number>;

/** Collects the profiles of one run. A profile begins when its server is first measured, and includes a warm-up (rounds.ts). */
export class Profiles {
  readonly #byTitle = new Map<string, Map<string, SelfTime>>();
  readonly #redis = new Map<string, number>();
  readonly #pending = new Set<() => Promise<void>>();

  /**
   * Registers the end of a profile. `read` runs only once: when the returned function is called, or else in `end`.
   * @param read ends the profile of a server, and passes its times to `add` or `addCommands`
   * @returns a function that runs `read`. Call this function when the server stops.
   */
  onEnd(read: () => Promise<void>): () => Promise<void> {
    const once = async () => {
      if (this.#pending.delete(once)) await read();
    };
    this.#pending.add(once);
    return once;
  }

  add(title: string, times: readonly SelfTime[]): void {
    const sums = this.#byTitle.get(title) ?? new Map<string, SelfTime>();
    this.#byTitle.set(title, sums);
    for (const time of times) {
      const key = `${time.module} ${time.function}`;
      sums.set(key, { ...time, micros: time.micros + (sums.get(key)?.micros ?? 0) });
    }
  }

  addCommands(times: CommandTimes): void {
    for (const [command, micros] of Object.entries(times)) {
      this.#redis.set(command, (this.#redis.get(command) ?? 0) + micros);
    }
  }

  /** Ends the profiles that still run. */
  async end(): Promise<{ servers: Profile[]; redis: CommandTimes }> {
    for (const read of [...this.#pending]) await read();
    return {
      servers: [...this.#byTitle].map(([title, times]) => ({ title, times: [...times.values()] })),
      redis: Object.fromEntries(this.#redis),
    };
  }
}

export type ProfileReport = Awaited<ReturnType<Profiles["end"]>>;
