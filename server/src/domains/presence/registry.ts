import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { isAllowed } from "../../authz/grants.js";
import type { Connection } from "../../core/connection.js";
import { isOutsider } from "../shared/room-access.js";
import type { LocalRoom, MemberUpdate } from "./local-room.js";
import type { LocalRooms } from "./local-rooms.js";
import type { MemberRecord } from "./member.js";
import type { MembershipWriter } from "./membership-writer.js";

/** The result of an enter. */
interface Entered {
  record: MemberRecord;
  /** Undoes the enter. Called if the caller has received an error, such as a timeout, before this result. */
  undo: () => void;
}

/**
 * Lets this node's connections enter and leave rooms. A further connection of a user who is in the room causes no write to
 * Redis, unless the connection brings a state, another profile or other rights.
 */
export class Registry {
  readonly #rooms: LocalRooms;
  readonly #writer: MembershipWriter;
  /** Closed connections. A call that was in flight when its connection closed may arrive here later. */
  readonly #closed = new WeakSet<Connection>();
  #isClosed = false;

  constructor(rooms: LocalRooms, writer: MembershipWriter) {
    this.#rooms = rooms;
    this.#writer = writer;
  }

  isIn(name: string, connection: Connection): boolean {
    return this.#rooms.namesOf(connection).has(name);
  }

  /**
   * Lets a connection enter a room.
   * @throws {GrandstandError}
   * - `bad_request` when the connection is in too many rooms
   * - `forbidden` when the user may not see the room
   * - `conflict` when the connection is closed, or leaves the room meanwhile
   * @throws the error of Redis when the enter could not be written
   */
  async enter(name: string, user: string, connection: Connection, update: MemberUpdate): Promise<Entered> {
    if (this.#closed.has(connection) || this.#isClosed) {
      throw new GrandstandError("conflict", "The connection is closed");
    }
    const names = this.#rooms.namesOf(connection);
    if (!names.has(name) && names.size >= limits.roomsPerConnection) throw tooManyRooms();
    this.#rooms.link(connection, name);
    const room = this.#rooms.open(name);
    const { enterCall, record: confirmed } = room.enter(user, connection, update);
    this.#writer.enqueue(room);
    const record = await confirmed;
    const undo = () => {
      if (room.undo(user, enterCall)) this.#rooms.unlink(connection, name);
      this.#writer.enqueue(room);
    };
    return { record, undo };
  }

  /** Lets a connection leave a room. @returns whether it was in the room */
  async leave(name: string, user: string, connection: Connection): Promise<boolean> {
    const room = this.#rooms.get(name);
    if (!room || !this.isIn(name, connection)) return false;
    this.#rooms.unlink(connection, name);
    const leaving = room.exit(user, connection, true) ? room.left(user) : null;
    this.#writer.enqueue(room);
    await leaving;
    return true;
  }

  onConnectionClosed(connection: Connection): void {
    this.#closed.add(connection);
    for (const name of [...this.#rooms.namesOf(connection)]) this.#exit(name, connection, false);
  }

  /**
   * Removes a connection from the rooms that its new credentials
   * forbid. In its other rooms, Redis checks the user again.
   */
  onRightsChanged(connection: Connection): void {
    const { caller } = connection;
    if (caller.kind !== "user") return;
    for (const name of [...this.#rooms.namesOf(connection)]) {
      if (isAllowed(caller, ["publish"], `presence:${name}`) && !isOutsider(caller, "presence", name)) {
        this.announce(name, [caller.user.id]);
      } else this.#exit(name, connection, true);
    }
  }

  /**
   * Reports all members again. Called when this node has a new incarnation (a new lease), for which Redis knows no members.
   */
  announceAll(): void {
    for (const room of this.#rooms.all) {
      room.registeredBy = null;
      this.#announce(room, room.users);
    }
  }

  /** Reports users of a room again, which also re-checks their access. @param users null for all of them */
  announce(name: string, users: Iterable<string> | null): void {
    const room = this.#rooms.get(name);
    if (room) this.#announce(room, users ?? room.users);
  }

  /**
   * Treats all connections as closed, so that the grace period of their users begins: they leave at its end.
   * Resolves when Redis has confirmed all reports.
   */
  close(): Promise<void> {
    this.#isClosed = true;
    for (const connection of [...this.#rooms.connections]) this.onConnectionClosed(connection);
    return this.#writer.idle();
  }

  #exit(name: string, connection: Connection, hasLeft: boolean): void {
    const { caller } = connection;
    this.#rooms.unlink(connection, name);
    const room = this.#rooms.get(name)!;
    if (caller.kind === "user") room.exit(caller.user.id, connection, hasLeft);
    this.#writer.enqueue(room);
  }

  #announce(room: LocalRoom, users: Iterable<string>): void {
    room.announce(users);
    this.#writer.enqueue(room);
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
