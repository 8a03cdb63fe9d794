import type { Connection } from "../../core/connection.js";
import { LocalRoom } from "./local-room.js";

/** Which connections of this node are in which room. */
export class LocalRooms {
  readonly #rooms = new Map<string, LocalRoom>();
  readonly #roomsOf = new Map<Connection, Set<string>>();

  get all(): Iterable<LocalRoom> {
    return this.#rooms.values();
  }

  get size(): number {
    return this.#rooms.size;
  }

  get connections(): Iterable<Connection> {
    return this.#roomsOf.keys();
  }

  get(name: string): LocalRoom | undefined {
    return this.#rooms.get(name);
  }

  open(name: string): LocalRoom {
    const room = this.#rooms.get(name) ?? new LocalRoom(name);
    this.#rooms.set(name, room);
    return room;
  }

  delete(name: string): void {
    this.#rooms.delete(name);
  }

  /** Whether a user is in a room over a connection of this node. */
  holds(name: string, user: string): boolean {
    return this.#rooms.get(name)?.holds(user) ?? false;
  }

  namesOf(connection: Connection): ReadonlySet<string> {
    return this.#roomsOf.get(connection) ?? nowhere;
  }

  link(connection: Connection, name: string): void {
    const names = this.#roomsOf.get(connection) ?? new Set();
    this.#roomsOf.set(connection, names.add(name));
  }

  unlink(connection: Connection, name: string): void {
    const names = this.#roomsOf.get(connection);
    names?.delete(name);
    if (names?.size === 0) this.#roomsOf.delete(connection);
  }
}

const nowhere: ReadonlySet<string> = new Set();
