import { levelOf } from "../../redis/faults.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { RETRY_MS } from "../shared/retry.js";
import type { DueRooms } from "./due-rooms.js";
import type { Lease } from "./lease.js";
import { encodeReport, type LocalRoom, type Report } from "./local-room.js";
import type { LocalRooms } from "./local-rooms.js";
import { applyScript } from "./scripts.js";
import type { SessionRecorder } from "./session-recorder.js";
import { PresenceStore } from "./store.js";

/** The most reports that one script takes, so that it does not block Redis for other callers. */
const REPORTS_PER_RUN = 500;
const ROOMS_IN_PARALLEL = 32;
/** The TTL of the list of a node's rooms, in case the node dies and no other node deletes the list. */
const ROOM_LIST_TTL_S = 86_400;

/** A room with reports to write: it waits for its turn, is being written, or waits after a failure. */
type WriteState = "queued" | "writing" | "backing off";

/**
 * Writes the membership reports of this node's rooms to Redis, and repeats the writes until Redis has confirmed
 * all reports. An outage can delay a write. A report then says whether the user is in the room at the time of the write,
 * not at the time when the report was made.
 */
export class MembershipWriter {
  readonly #dependencies: DomainDependencies;
  readonly #rooms: LocalRooms;
  readonly #lease: Lease;
  readonly #dueRooms: DueRooms;
  readonly #recorder: SessionRecorder;
  /** The rooms with reports to write. */
  readonly #states = new Map<LocalRoom, WriteState>();
  readonly #queue = new Set<LocalRoom>();
  #writingCount = 0;
  #onIdle: (() => void)[] = [];

  constructor(
    dependencies: DomainDependencies,
    parts: { rooms: LocalRooms; lease: Lease; dueRooms: DueRooms; recorder: SessionRecorder },
  ) {
    this.#dependencies = dependencies;
    this.#rooms = parts.rooms;
    this.#lease = parts.lease;
    this.#dueRooms = parts.dueRooms;
    this.#recorder = parts.recorder;
  }

  /** Writes the reports of a room, if it has any. */
  enqueue(room: LocalRoom): void {
    if (room.isSynced || this.#states.has(room)) return;
    this.#states.set(room, "queued");
    this.#queue.add(room);
    this.resume();
  }

  /** Writes queued rooms while this node has its lease. Called again when the lease was renewed. */
  resume(): void {
    while (this.#writingCount < ROOMS_IN_PARALLEL && this.#queue.size > 0 && this.#lease.isHeld) {
      const [room] = this.#queue as Iterable<LocalRoom> as unknown as [LocalRoom];
      this.#queue.delete(room);
      void this.#write(room);
    }
    if (this.#states.size > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Resolves when Redis has confirmed all reports. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.resume();
    });
  }

  /**
   * Restores the list of rooms to which an incarnation (one lifetime of this node's lease) may have written, in
   * case Redis lost the list. After the lease has ended, another node reads the list and removes the members.
   */
  async registerRoomsOf(incarnation: string): Promise<void> {
    const names = [...this.#rooms.all]
      .filter(({ registeredBy }) => registeredBy === incarnation)
      .map(({ name }) => name);
    for (let at = 0; at < names.length; at += REPORTS_PER_RUN) {
      await this.#register(incarnation, names.slice(at, at + REPORTS_PER_RUN));
    }
  }

  /** Forgets empty rooms, and renews the TTL of the list of rooms. */
  async removeEmptyRooms(): Promise<void> {
    const { redis, keys } = this.#dependencies;
    const list = keys.presenceRooms(this.#lease.incarnation);
    const empty = [...this.#rooms.all].filter((room) => room.isEmpty).map(({ name }) => name);
    for (const name of empty) this.#rooms.delete(name);
    // The removal is sent before the first await: if a user enters
    // meanwhile, the room is put on the list again after the removal.
    const removing = empty.length > 0 ? redis.srem(list, ...empty) : null;
    await Promise.all([removing, this.#rooms.size > 0 ? redis.expire(list, ROOM_LIST_TTL_S) : null]);
  }

  async #write(room: LocalRoom): Promise<void> {
    this.#states.set(room, "writing");
    this.#writingCount += 1;
    try {
      await this.#writeReports(room);
      this.#states.delete(room);
    } catch (error) {
      this.#dependencies.log[levelOf(error)](
        { err: error, room: room.name },
        "presence: writing the members of a room failed",
      );
      this.#backOff(room);
    } finally {
      this.#writingCount -= 1;
      this.enqueue(room);
      this.resume();
    }
  }

  #backOff(room: LocalRoom): void {
    this.#states.set(room, "backing off");
    setTimeout(() => {
      this.#states.delete(room);
      this.enqueue(room);
    }, RETRY_MS).unref();
  }

  async #writeReports(room: LocalRoom): Promise<void> {
    const node = this.#lease.incarnation;
    const reports = room.takeReports(REPORTS_PER_RUN);
    // A room is due when a member's TTL or grace ends. The grace is how long a user without a connection stays a member.
    // `isDue` is true if an earlier run wrote its reports, but then failed to add the room to the schedule of due rooms.
    // The node did not keep the room's due time from that run. So this run schedules the room as due at once.
    let dueInMs: string | number = room.isDue ? 0 : "";
    try {
      // Registered before the first write: if this node dies, another node must find the room and remove the members.
      if (room.registeredBy !== node) {
        await this.#register(node, [room.name]);
        room.registeredBy = node;
      }
      if (reports.length > 0) {
        const found = await this.#apply(room, node, reports);
        if (dueInMs === "") dueInMs = found;
      }
    } catch (error) {
      for (const connection of room.fail(reports, error)) this.#rooms.unlink(connection, room.name);
      throw error;
    }
    if (dueInMs === "") return;
    // A failure here does not undo the reports, because Redis has confirmed them.
    await this.#dueRooms.schedule(room.name, dueInMs);
    room.isDue = false;
  }

  /** Writes reports. @returns in how many ms a grace or TTL ends in the room; "" if this node need not schedule the room */
  async #apply(room: LocalRoom, node: string, reports: Report[]): Promise<string> {
    const store = new PresenceStore(this.#dependencies, room.name);
    const changes = reports.map((report) => encodeReport(room.name, report));
    const reply = await store.run(applyScript, { changes }, node);
    const { epoch, atMs, accessVersion, dueInMs, results } = reply;
    room.accessVersion ??= accessVersion;
    const { members, evicted } = room.confirm(reports, results);
    for (const connection of evicted) this.#rooms.unlink(connection, room.name);
    this.#recorder.begin(room.name, { epoch, atMs: Number(atMs) }, members);
    if (reply.isCreated === "1" && members[0]) this.#dependencies.creationBudget.charge(members[0].user);
    const mayBeDueEarlier = dueInMs === "0" || reports.some(({ member }) => member === null);
    if (dueInMs === "" || !mayBeDueEarlier) return "";
    // While `isDue` is set, the room does not count as empty, and so it stays on the list of rooms.
    room.isDue = true;
    return dueInMs;
  }

  async #register(node: string, names: string[]): Promise<void> {
    const { redis, keys } = this.#dependencies;
    const list = keys.presenceRooms(node);
    await Promise.all([redis.sadd(list, ...names), redis.expire(list, ROOM_LIST_TTL_S)]);
  }
}
