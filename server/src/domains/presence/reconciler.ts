import { setTimeout as wait } from "node:timers/promises";
import { levelOf } from "../../redis/faults.js";
import { CoalescedTask } from "../shared/coalesced-task.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DueRooms } from "./due-rooms.js";
import type { Evictions } from "./evictions.js";
import type { PresenceFeeds } from "./feed.js";
import type { Lease } from "./lease.js";
import type { LocalRooms } from "./local-rooms.js";
import type { MembershipWriter } from "./membership-writer.js";
import type { Registry } from "./registry.js";
import { readSummaryScript } from "./scripts.js";
import type { SessionRecorder } from "./session-recorder.js";
import { PresenceStore } from "./store.js";
import type { Upkeep } from "./upkeep.js";

const INTERVAL_MS = 60_000;
/** The time over which the rooms of one round are spread. */
const SPREAD_MS = 50_000;
const ROOMS_IN_PARALLEL = 16;

interface ReconciledParts {
  rooms: LocalRooms;
  lease: Lease;
  writer: MembershipWriter;
  registry: Registry;
  feeds: PresenceFeeds;
  dueRooms: DueRooms;
  upkeep: Upkeep;
  evictions: Evictions;
  recorder: SessionRecorder;
}

/**
 * Compares each room in Redis with this node's memory, and repairs what differs. Redis and the memory differ after Redis
 * lost its last writes, as in a failover, or after a message was lost.
 */
export class Reconciler {
  readonly #dependencies: DomainDependencies;
  readonly #parts: ReconciledParts;
  readonly #allRooms: CoalescedTask;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(dependencies: DomainDependencies, parts: ReconciledParts) {
    this.#dependencies = dependencies;
    this.#parts = parts;
    this.#allRooms = new CoalescedTask(
      () => this.#reconcileAll(),
      (error) => dependencies.log.error({ err: error }, "presence: reconciling all rooms failed"),
    );
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#round(), INTERVAL_MS);
  }

  close(): void {
    this.#isClosed = true;
    this.#allRooms.close();
    clearTimeout(this.#timer);
  }

  /** Reconciles all rooms now, after an interruption. */
  reconcileAll(): void {
    this.#allRooms.request();
  }

  async #reconcileAll(): Promise<void> {
    const names = this.#roomNames();
    for (let at = 0; at < names.length && !this.#isClosed; at += ROOMS_IN_PARALLEL) {
      await Promise.all(names.slice(at, at + ROOMS_IN_PARALLEL).map((name) => this.#reconcileSafely(name)));
    }
  }

  async #round(): Promise<void> {
    const { writer, recorder } = this.#parts;
    recorder.prune();
    await writer.removeEmptyRooms().catch((error: unknown) => {
      this.#dependencies.log.debug({ err: error }, "presence: renewing the list of rooms failed");
    });
    const names = this.#roomNames();
    for (const name of names) {
      if (this.#isClosed) return;
      await this.#reconcileSafely(name);
      await wait(SPREAD_MS / names.length, undefined, { ref: false });
    }
    if (!this.#isClosed) this.start();
  }

  #roomNames(): string[] {
    const { rooms, feeds } = this.#parts;
    return [...new Set([...[...rooms.all].map(({ name }) => name), ...feeds.rooms])];
  }

  async #reconcileSafely(name: string): Promise<void> {
    try {
      await this.#reconcile(name);
    } catch (error) {
      this.#dependencies.log[levelOf(error)](
        { err: error, room: name },
        "presence: reconciling a room failed",
      );
    }
  }

  async #reconcile(name: string): Promise<void> {
    const { rooms, lease, registry, feeds, dueRooms, evictions, recorder } = this.#parts;
    const { redis, keys, log } = this.#dependencies;
    const node = lease.incarnation;
    const room = rooms.get(name);
    const version = room?.version;
    const store = new PresenceStore(this.#dependencies, name);
    const { epoch, offset, accessVersion, dueInMs, summary, otherNodes } = await store.run(
      readSummaryScript,
      {},
      node,
    );
    feeds.verify(name, epoch, Number(offset), accessVersion);
    await dueRooms.schedule(name, dueInMs);
    await this.#sweepGoneNodes(name, otherNodes);
    if (!room || node !== lease.incarnation) return;
    if (room.accessVersion !== null && room.accessVersion !== accessVersion)
      void evictions.onAccessChanged(name, null);
    room.accessVersion = accessVersion;
    if (!room.isSynced || room.version !== version || room.summary === summary) return;
    log.warn(
      { room: name },
      "presence: redis and this node have different members in a room; announcing them again",
    );
    recorder.forget(name);
    const held = await redis.smembers(keys.presence(name).held(node));
    registry.announce(name, new Set([...held, ...room.users]));
  }

  /**
   * Sweeps the members of gone nodes from a room (`Upkeep.sweepRoom`). A node takes its lease before it writes members. So a
   * node that has members but no lease has lost the lease: the node is gone.
   */
  async #sweepGoneNodes(room: string, nodes: string[]): Promise<void> {
    const { redis, keys } = this.#dependencies;
    for (const node of nodes) {
      const lease = await redis.zscore(keys.presenceNodes.leases, node);
      if (lease === null) await this.#parts.upkeep.sweepRoom(room, node, "");
    }
  }
}
