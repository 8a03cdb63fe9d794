import { randomBytes } from "node:crypto";
import { type ArgumentsOf, namedReply, runScript } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { tickScript } from "./scripts.js";

/** How long a node's claim on work lasts. If the work is not done by then, any node may claim it again. */
const CLAIM_MS = 10_000;
/** How much work of each kind a node claims in one tick, which is one run of tick.lua. */
const WORK_PER_TICK = 1_000;
/** If no node has ticked for this long, tick.lua assumes that Redis had an outage, and not that all nodes died. */
const OUTAGE_MS = 2_000;
/** How late a tick may be before it counts as delayed by an outage. */
const TICK_SLACK_MS = 1_000;

/** The work that a tick has claimed for this node, and when the next work is due. */
export interface Work {
  /** In how many ms the next lease of another node ends; null when there is none. */
  nextLeaseMs: number | null;
  /** In how many ms the next room is due or the next claim on a room ends; null when there is none. */
  nextRoomMs: number | null;
  /** Nodes whose leases ended. `goneAt` is the time of the end, in ms since 1970. */
  goneNodes: { incarnation: string; goneAt: string }[];
  /** Rooms in which expire-members.lua has work, such as a member without a connection for at least `presenceGraceMs`. */
  rooms: string[];
}

/**
 * This node's lease. tick.lua renews it, at a cost that does not depend on the number of members. When a node has lost
 * its lease, it continues as a new incarnation, and any node removes the members of the old incarnation.
 */
export class Lease {
  readonly #dependencies: DomainDependencies;
  #incarnation = newIncarnation();
  /** When the last successful renewal was sent, by the monotonic clock of this process. */
  #renewedAt = Number.NEGATIVE_INFINITY;
  #isResting = false;

  constructor(dependencies: DomainDependencies) {
    this.#dependencies = dependencies;
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  /**
   * Whether this node may write members. It must not write them when its lease may have ended, or while it has the long
   * lease of an idle node: if the node died, its members would stay until the long lease ends.
   */
  get isHeld(): boolean {
    return !this.#isResting && performance.now() - this.#renewedAt < this.#dependencies.leaseTtlMs * 0.9;
  }

  /** Takes the first lease of this node. */
  acquire(): Promise<Work> {
    return this.#begin(this.#incarnation, "");
  }

  /**
   * @param options.plannedMs the planned time between the last renewal and this one; 0 when the last renewal failed
   * @param options.restMs the time added to `leaseTtlMs` for an idle node without members; null for other nodes
   * @returns null when the lease was lost
   */
  async renew({ plannedMs, restMs }: { plannedMs: number; restMs: number | null }): Promise<Work | null> {
    const { leaseTtlMs } = this.#dependencies;
    const sentAt = performance.now();
    this.#isResting = restMs !== null;
    const work = await this.#tick(this.#incarnation, {
      ownTtlMs: leaseTtlMs + (restMs ?? 0),
      outageMs: Math.max(OUTAGE_MS, plannedMs + TICK_SLACK_MS),
    });
    this.#renewedAt = work === null ? Number.NEGATIVE_INFINITY : sentAt;
    return work;
  }

  /** Takes a new lease after the old one was lost. */
  replace(): Promise<Work> {
    return this.#begin(newIncarnation(), this.#incarnation);
  }

  /** Ends this node's lease. The node must have no members any more: no other node removes them after this. */
  async release(): Promise<void> {
    const { redis, keys } = this.#dependencies;
    await redis.unlink(keys.presenceRooms(this.#incarnation));
    await redis.zrem(keys.presenceNodes.leases, this.#incarnation);
  }

  async #begin(incarnation: string, predecessor: string): Promise<Work> {
    const sentAt = performance.now();
    const work = await this.#tick(incarnation, { isNew: "1", predecessor });
    this.#incarnation = incarnation;
    this.#renewedAt = sentAt;
    this.#isResting = false;
    return work ?? { nextLeaseMs: null, nextRoomMs: null, goneNodes: [], rooms: [] };
  }

  async #tick(incarnation: string, args: Partial<ArgumentsOf<TickArgument>>): Promise<Work | null> {
    const { redis, keys, leaseTtlMs } = this.#dependencies;
    const [status, ...values] = (await runScript(redis, tickScript, keys.presenceNodes, {
      incarnation,
      ttlMs: leaseTtlMs,
      ownTtlMs: leaseTtlMs,
      isNew: "0",
      predecessor: "",
      claimMs: CLAIM_MS,
      limit: WORK_PER_TICK,
      outageMs: OUTAGE_MS,
      ...args,
    })) as [string, ...string[][]];
    if (status === "lapsed") return null;
    const { nextLeaseMs, nextRoomMs, gone, rooms } = namedReply(tickScript, status, values);
    const goneNodes = gone.flatMap((each, at) =>
      at % 2 === 0 ? [{ incarnation: each, goneAt: gone[at + 1]! }] : [],
    );
    return { nextLeaseMs: msOf(nextLeaseMs), nextRoomMs: msOf(nextRoomMs), goneNodes, rooms };
  }
}

type TickArgument = "isNew" | "predecessor" | "ownTtlMs" | "outageMs";

function msOf(text: string): number | null {
  return text === "" ? null : Number(text);
}

function newIncarnation(): string {
  return randomBytes(9).toString("base64url");
}
