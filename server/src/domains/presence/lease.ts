import { randomBytes } from "node:crypto";
import { runScript } from "../../redis/positional-scripts.js";
import type { PresenceContext } from "./context.js";
import { tickScript } from "./scripts.js";

const TICK_MS = 500;
/** For how long a node claims work. Whoever has not done it by then is taken for gone. */
const CLAIM_MS = 10_000;
/** How much work of each kind a node takes up in one tick. */
const WORK_PER_TICK = 1_000;
/** When no node ticked for this long, it was not the nodes that were away. */
const AWAY_MS = 2_000;

/** What a tick found to be done, and this node has claimed. */
export interface Work {
  /** Nodes whose leases ended, and when: in ms since 1970. */
  gone: { incarnation: string; goneAt: string }[];
  /** Rooms where somebody's grace or keeping is over. */
  rooms: string[];
}

export interface LeaseEvents {
  /** Before another incarnation takes the place of one whose lease was lost. */
  beforeRenewal(lost: string): Promise<void>;
  /** All that is held has to be announced again, by the new incarnation. */
  onRenewed(): void;
  /** The lease was confirmed. */
  onHeld(): void;
  onWork(work: Work): void;
}

/**
 * This node's lease: what others see that it lives by. One script twice a second, however many members the node
 * holds. Who loses its lease, because it stood still or Redis forgot, is swept by others, and goes on as a new
 * incarnation: what it wrote as the old one is no longer its own.
 */
export class Lease {
  readonly #context: PresenceContext;
  readonly #events: LeaseEvents;
  #incarnation = newIncarnation();
  /** When the last renewal that succeeded was sent, by this process's own clock. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isTicking = false;
  #isStopped = false;

  constructor(context: PresenceContext, events: LeaseEvents) {
    this.#context = context;
    this.#events = events;
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  /** False when the lease may have ended without this node having noticed: it must not write then. */
  get isHeld(): boolean {
    return performance.now() - this.#renewedAt < this.#context.leaseTtlMs * 0.9;
  }

  async start(): Promise<void> {
    await this.#begin(this.#incarnation, "");
    this.#timer = setTimeout(this.tick, TICK_MS);
  }

  /** Ticks no more; the lease stays until it is given up or ends. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** There is nothing left to sweep. */
  async giveUp(): Promise<void> {
    const { redis, keys } = this.#context;
    await redis.unlink(keys.presenceRooms(this.#incarnation));
    await redis.zrem(keys.presenceNodes.leases, this.#incarnation);
  }

  /** Never rejects. */
  readonly tick = async (): Promise<void> => {
    if (this.#isTicking || this.#isStopped) return;
    this.#isTicking = true;
    clearTimeout(this.#timer);
    try {
      const sentAt = performance.now();
      const work = await this.#run(this.#incarnation, false, "");
      if (work === null) await this.#renew();
      else {
        this.#renewedAt = sentAt;
        this.#events.onHeld();
        this.#events.onWork(work);
      }
    } catch (error) {
      this.#context.log.debug({ err: error }, "renewing the lease of presence failed");
    } finally {
      this.#isTicking = false;
      if (!this.#isStopped) this.#timer = setTimeout(this.tick, TICK_MS);
    }
  };

  async #renew(): Promise<void> {
    this.#renewedAt = Number.NEGATIVE_INFINITY;
    const lost = this.#incarnation;
    this.#context.log.warn({ lost }, "the lease of presence was lost; announcing everyone again");
    await this.#events.beforeRenewal(lost);
    await this.#begin(newIncarnation(), lost);
    this.#events.onRenewed();
  }

  async #begin(incarnation: string, predecessor: string): Promise<void> {
    const sentAt = performance.now();
    const work = await this.#run(incarnation, true, predecessor);
    this.#incarnation = incarnation;
    this.#renewedAt = sentAt;
    if (work !== null) this.#events.onWork(work);
  }

  /** @returns null when the lease was not held. */
  async #run(incarnation: string, isNew: boolean, predecessor: string): Promise<Work | null> {
    const { redis, keys, leaseTtlMs } = this.#context;
    const { leases, sweeps, due, claimed, ticked } = keys.presenceNodes;
    const [status, gone, rooms] = (await runScript(
      redis,
      tickScript,
      [leases, sweeps, due, claimed, ticked],
      [incarnation, leaseTtlMs, isNew ? "1" : "0", predecessor, CLAIM_MS, WORK_PER_TICK, AWAY_MS],
    )) as [string, string[], string[]];
    if (status === "lapsed") return null;
    const pairs = gone.flatMap((incarnation, at) =>
      at % 2 === 0 ? [{ incarnation, goneAt: gone[at + 1]! }] : [],
    );
    return { gone: pairs, rooms };
  }
}

function newIncarnation(): string {
  return randomBytes(9).toString("base64url");
}
