/** The time constant of each `Rate`. */
const DECAY_MS = 250;
/** Sending may take this share of the CPU time that is free on the process's core. If it needs more, publications wait. */
const SHARE_OF_FREE = 0.16;
/**
 * The free share of the CPU time counts as at least this much. A process with several threads can use more than one core; the
 * computed free share is then zero or negative.
 */
const LEAST_FREE = 0.02;
/** How often the CPU time of the process is compared with the time that has passed. */
const SAMPLE_MS = 250;
/** The estimated cost of a write starts at FIRST_WRITE_MS, with the weight of FIRST_WRITES measured writes. */
const FIRST_WRITE_MS = 0.01;
const FIRST_WRITES = 500;
/** After this many measured writes, their weight is halved, so that later writes have more influence. */
const MOST_WRITES = 5_000;
/** A send with fewer writes is not measured, because reading the CPU time twice is too expensive for it. */
const LEAST_MEASURED_WRITES = 16;

/** The CPU time of this process in ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A rate per millisecond that forgets old events exponentially. */
export class Rate {
  #perMs = 0;
  #notedAt = 0;

  note(count: number, now: number): void {
    this.#perMs = this.perMs(now) + count / DECAY_MS;
    this.#notedAt = now;
  }

  perMs(now: number): number {
    return this.#perMs * Math.exp((this.#notedAt - now) / DECAY_MS);
  }
}

/**
 * Estimates the CPU time that this node needs to send, and chooses batch windows that limit sending to a share of the free
 * CPU time. The estimate counts demand (publications times receivers), not writes: batching lowers the number of writes,
 * so an estimate of writes would oscillate.
 */
export class SendLoad {
  readonly #longestWindowMs: number;
  readonly #cpuMs: () => number;
  readonly #demand = new Rate();
  #measuredMs = FIRST_WRITE_MS * FIRST_WRITES;
  #measuredWrites = FIRST_WRITES;
  #sampledAt = Number.NEGATIVE_INFINITY;
  #sampledCpuMs = 0;
  #free = 1;

  /** @param cpuMs the CPU time that this process has taken */
  constructor(longestWindowMs: number, cpuMs: () => number = processCpuMs) {
    this.#longestWindowMs = longestWindowMs;
    this.#cpuMs = cpuMs;
  }

  /** @param deliveries the number of arrived publications times the number of their receivers */
  note(deliveries: number, now: number): void {
    this.#demand.note(deliveries, now);
  }

  /** Runs a send to `receivers` connections, and measures its cost. */
  measure(receivers: number, send: () => void): void {
    if (receivers < LEAST_MEASURED_WRITES) {
      send();
      return;
    }
    const before = this.#cpuMs();
    send();
    this.#measuredMs += this.#cpuMs() - before;
    this.#measuredWrites += receivers;
    if (this.#measuredWrites < MOST_WRITES) return;
    this.#measuredMs /= 2;
    this.#measuredWrites /= 2;
  }

  /**
   * The batch window, at the time `now`, of a group of connections that receive the same publications.
   * @param publicationsPerMs the group's current rate of publications
   */
  windowMs(now: number, publicationsPerMs: number): number {
    if (this.#longestWindowMs === 0) return 0;
    this.#sampleFree(now);
    const share = (this.#demand.perMs(now) * this.#measuredMs) / this.#measuredWrites;
    const target = SHARE_OF_FREE * this.#free;
    if (share <= target) return 0;
    // With this number of publications in each push, sending takes exactly the target share.
    const perPush = share / target;
    return Math.min(this.#longestWindowMs, perPush / publicationsPerMs);
  }

  #sampleFree(now: number): void {
    const elapsedMs = now - this.#sampledAt;
    if (elapsedMs < SAMPLE_MS) return;
    const cpuMs = this.#cpuMs();
    const busy = elapsedMs === Number.POSITIVE_INFINITY ? 0 : (cpuMs - this.#sampledCpuMs) / elapsedMs;
    this.#free = Math.max(LEAST_FREE, 1 - busy);
    this.#sampledAt = now;
    this.#sampledCpuMs = cpuMs;
  }
}
