/** The time constant of the estimates of demand. */
const DECAY_MS = 250;
/** Sending may take this share of the CPU time that is free on the process's core; beyond it publications wait. */
const SHARE_OF_FREE = 0.16;
/** A busy process counts as having this much free, so that its windows stay finite. */
const LEAST_FREE = 0.02;
/** How often the CPU time of the process is compared with the time that has passed. */
const SAMPLE_MS = 250;
/** The cost of a write before it is measured, and the number of writes that this counts as. */
const FIRST_WRITE_MS = 0.01;
const FIRST_WRITES = 500;
/** After this many writes, earlier ones count half. */
const MOST_WRITES = 5_000;
/** Reading the clock for fewer writes would cost more than it tells. */
const LEAST_MEASURED_WRITES = 16;

/** The CPU time of this process in ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A number per millisecond, as it was lately. */
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
 * Estimates how much CPU time the sending of this node would take, and from that the batch windows that hold it to a share
 * of what is free. It counts demand (publications times receivers), not writes: batching lowers the number of writes, so
 * an estimate of writes would oscillate.
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

  /** Publications for this many receivers in all have arrived. */
  note(deliveries: number, now: number): void {
    this.#demand.note(deliveries, now);
  }

  /** Runs a send to `receivers` connections, and learns its cost. */
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

  /** The present batch window of a group with this rate of publications. */
  windowMs(now: number, publicationsPerMs: number): number {
    if (this.#longestWindowMs === 0) return 0;
    this.#sampleFree(now);
    const share = (this.#demand.perMs(now) * this.#measuredMs) / this.#measuredWrites;
    const target = SHARE_OF_FREE * this.#free;
    if (share <= target) return 0;
    // With this number of publications in each push of the node, sending takes the target.
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
