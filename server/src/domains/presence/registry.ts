import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { isAllowed } from "../../authz/grants.js";
import type { Connection } from "../../core/connection.js";
import { levelOf } from "../../redis/faults.js";
import { isOutsider } from "../shared/room-access.js";
import type { PresenceContext } from "./context.js";
import type { Lease } from "./lease.js";
import { encodeChange, LocalRoom, type MemberUpdate } from "./local-room.js";
import type { MemberRecord } from "./member.js";
import type { Schedule } from "./schedule.js";
import { applyScript } from "./scripts.js";
import type { RoomMoment } from "./session-notes.js";
import { PresenceStore } from "./store.js";

/** What one script takes at most: a longer one would keep Redis from its other callers. */
const CHANGES_PER_RUN = 500;
/** How many rooms Redis is told about at the same time. */
const ROOMS_AT_ONCE = 32;
/** How soon Redis is told again of what it may not know. */
const RETRY_MS = 500;
/** How long the list of a node's rooms outlives the node where nobody sweeps it. */
const ROOMS_TTL_S = 86_400;

/** What a call of a user comes to. */
export interface Entered {
  record: MemberRecord;
  /** The caller was told that it failed. */
  undo: () => void;
}

/** Told of the stays of those whom Redis knows to be here. */
export type OnEntered = (
  room: string,
  moment: RoomMoment,
  entered: { user: string; record: MemberRecord }[],
) => void;

/**
 * Who is in which room over this node's connections. It says how things are, and Redis is told until it knows: what
 * could not be told because Redis was away is told when it is back, as it is then. Only the first and the last
 * connection of a user in a room, and changes of what the user shows, are worth telling.
 */
export class Registry {
  readonly #context: PresenceContext;
  readonly #lease: Lease;
  readonly #schedule: Schedule;
  readonly #onEntered: OnEntered;
  readonly #rooms = new Map<string, LocalRoom>();
  readonly #roomsOf = new Map<Connection, Set<string>>();
  /** A call that was under way when its connection went may still come here. */
  readonly #gone = new WeakSet<Connection>();
  /** Rooms that Redis has to be told about. */
  readonly #ready = new Set<LocalRoom>();
  readonly #running = new Set<LocalRoom>();
  readonly #retrying = new Set<LocalRoom>();
  #onIdle: (() => void)[] = [];
  #isClosed = false;

  constructor(context: PresenceContext, lease: Lease, schedule: Schedule, onEntered: OnEntered) {
    this.#context = context;
    this.#lease = lease;
    this.#schedule = schedule;
    this.#onEntered = onEntered;
  }

  get rooms(): Iterable<LocalRoom> {
    return this.#rooms.values();
  }

  /** How many users this node holds, in each room one. */
  get memberCount(): number {
    let count = 0;
    for (const room of this.#rooms.values()) count += room.memberCount;
    return count;
  }

  room(name: string): LocalRoom | undefined {
    return this.#rooms.get(name);
  }

  /** Whether a user is in a room over this node. */
  holds(name: string, user: string): boolean {
    return this.#rooms.get(name)?.holds(user) ?? false;
  }

  isIn(name: string, connection: Connection): boolean {
    return this.#roomsOf.get(connection)?.has(name) ?? false;
  }

  /**
   * Has a connection be in a room.
   * @throws {GrandstandError} `bad_request` past the rooms allowed, `forbidden`, or what tells that Redis is away.
   */
  async enter(name: string, user: string, connection: Connection, dress: MemberUpdate): Promise<Entered> {
    if (this.#gone.has(connection) || this.#isClosed) {
      throw new GrandstandError("conflict", "The connection is closed");
    }
    const mine = this.#roomsOf.get(connection) ?? new Set<string>();
    if (!mine.has(name) && mine.size >= limits.roomsPerConnection) throw tooManyRooms();
    this.#roomsOf.set(connection, mine.add(name));
    const room = this.#rooms.get(name) ?? new LocalRoom(name);
    this.#rooms.set(name, room);
    const { entering, answer } = room.enter(user, connection, dress);
    this.#wake(room);
    const record = await answer;
    const undo = () => {
      if (room.undo(user, entering)) this.#forget(connection, name);
      this.#wake(room);
    };
    return { record, undo };
  }

  /** Has a connection leave a room. @returns whether it was in it. */
  async leave(name: string, user: string, connection: Connection): Promise<boolean> {
    const room = this.#rooms.get(name);
    if (!room || !this.isIn(name, connection)) return false;
    this.#forget(connection, name);
    const leaving = room.exit(user, connection, true) ? room.left(user) : null;
    this.#wake(room);
    await leaving;
    return true;
  }

  /** A connection is gone, and takes no part any more. */
  drop(connection: Connection): void {
    this.#gone.add(connection);
    const { caller } = connection;
    for (const name of this.#roomsOf.get(connection) ?? []) {
      const room = this.#rooms.get(name)!;
      if (caller.kind === "user") room.exit(caller.user.id, connection, false);
      this.#wake(room);
    }
    this.#roomsOf.delete(connection);
  }

  /**
   * A connection's credentials are others: it leaves the rooms that they don't allow, and is announced again in those where
   * more may depend on them.
   */
  reviewRights(connection: Connection): void {
    const { caller } = connection;
    if (caller.kind !== "user") return;
    for (const name of [...(this.#roomsOf.get(connection) ?? [])]) {
      if (isAllowed(caller, ["publish"], `presence:${name}`) && !isOutsider(caller, "presence", name)) {
        this.announce(name, [caller.user.id]);
        continue;
      }
      this.#forget(connection, name);
      const room = this.#rooms.get(name)!;
      room.exit(caller.user.id, connection, true);
      this.#wake(room);
    }
  }

  /** Tells Redis of everyone again: as another incarnation, or because it may not know. */
  announceAll(): void {
    for (const room of this.#rooms.values()) {
      room.registeredBy = null;
      room.announce(room.users);
      this.#wake(room);
    }
  }

  /** The same for some users of a room, which also finds out whether they may still be in it. */
  announce(name: string, users: Iterable<string> | null): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    room.announce(users ?? room.users);
    this.#wake(room);
  }

  /** Goes on with what waited for the lease. */
  resume(): void {
    while (this.#running.size < ROOMS_AT_ONCE && this.#ready.size > 0 && this.#lease.isHeld) {
      const [room] = this.#ready as Iterable<LocalRoom> as unknown as [LocalRoom];
      this.#ready.delete(room);
      this.#running.add(room);
      void this.#tell(room);
    }
    if (this.#running.size + this.#ready.size + this.#retrying.size > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Notes all rooms where an incarnation may have written something. */
  async noteRooms(incarnation: string): Promise<void> {
    const names = [...this.#rooms.values()]
      .filter(({ registeredBy }) => registeredBy === incarnation)
      .map(({ room }) => room);
    for (let at = 0; at < names.length; at += CHANGES_PER_RUN) {
      await this.#register(incarnation, names.slice(at, at + CHANGES_PER_RUN));
    }
  }

  /** Keeps the list of rooms, and forgets those where nobody is. */
  async letGoOfEmptyRooms(): Promise<void> {
    const { redis, keys } = this.#context;
    const list = keys.presenceRooms(this.#lease.incarnation);
    const empty = [...this.#rooms.values()].filter((room) => room.isEmpty);
    for (const { room } of empty) this.#rooms.delete(room);
    // Sent before anything is waited for: who enters one of them meanwhile puts it on the list again behind that.
    const removing = empty.length > 0 ? redis.srem(list, ...empty.map(({ room }) => room)) : null;
    await Promise.all([removing, this.#rooms.size > 0 ? redis.expire(list, ROOMS_TTL_S) : null]);
  }

  /** Takes no more, and resolves when Redis knows all. */
  close(): Promise<void> {
    this.#isClosed = true;
    for (const connection of [...this.#roomsOf.keys()]) this.drop(connection);
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
      this.resume();
    });
  }

  #forget(connection: Connection, name: string): void {
    const mine = this.#roomsOf.get(connection);
    mine?.delete(name);
    if (mine?.size === 0) this.#roomsOf.delete(connection);
  }

  #wake(room: LocalRoom): void {
    if (room.isClean || this.#running.has(room) || this.#retrying.has(room)) return;
    this.#ready.add(room);
    this.resume();
  }

  async #tell(room: LocalRoom): Promise<void> {
    try {
      await this.#tellOnce(room);
    } catch (error) {
      this.#context.log[levelOf(error)](
        { err: error, room: room.room },
        "telling of who is in a room failed",
      );
      this.#retrying.add(room);
      setTimeout(() => {
        this.#retrying.delete(room);
        this.#wake(room);
      }, RETRY_MS).unref();
    } finally {
      this.#running.delete(room);
      this.#wake(room);
      this.resume();
    }
  }

  async #tellOnce(room: LocalRoom): Promise<void> {
    const node = this.#lease.incarnation;
    const changes = room.take(CHANGES_PER_RUN);
    try {
      // Written ahead: whoever sweeps this node has to know where.
      if (room.registeredBy !== node) {
        await this.#register(node, [room.room]);
        room.registeredBy = node;
      }
      if (changes.length > 0) await this.#apply(room, node, changes);
    } catch (error) {
      for (const connection of room.fail(changes, error)) this.#forget(connection, room.room);
      throw error;
    }
    if (!room.isDue) return;
    // Until that is known, the room stays among those that a sweep of this node looks at.
    await this.#schedule.lookIn(room.room, 0);
    room.isDue = false;
  }

  async #apply(room: LocalRoom, node: string, changes: ReturnType<LocalRoom["take"]>): Promise<void> {
    const store = new PresenceStore(this.#context, room.room);
    const reply = await store.run(
      applyScript,
      node,
      changes.map((change) => encodeChange(room.room, change)),
    );
    const [epoch, at, access, lookInMs, ...replies] = reply as [
      ...[string, string, string, string],
      ...string[],
    ];
    room.access ??= access;
    const { entered, evicted } = room.succeed(changes, replies);
    for (const connection of evicted) this.#forget(connection, room.room);
    this.#onEntered(room.room, { epoch, atMs: Number(at) }, entered);
    const isNews = lookInMs === "0" || changes.some(({ member }) => member === null);
    if (lookInMs === "" || !isNews) return;
    room.isDue = true;
    await this.#schedule.lookIn(room.room, Number(lookInMs));
    room.isDue = false;
  }

  async #register(node: string, names: string[]): Promise<void> {
    const { redis, keys } = this.#context;
    const list = keys.presenceRooms(node);
    await Promise.all([redis.sadd(list, ...names), redis.expire(list, ROOMS_TTL_S)]);
  }
}

function tooManyRooms(): GrandstandError {
  return new GrandstandError("bad_request", "This connection is in too many rooms", {
    issues: [
      {
        path: "room",
        rule: "roomsPerConnection",
        message: `a connection is in at most ${limits.roomsPerConnection} rooms`,
      },
    ],
  });
}
