import { createHash } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../../core/connection.js";
import { type GrantedRole, grantedRole, roomForbidden } from "../shared/room-access.js";
import { decodeRecord, type MemberRecord } from "./member.js";

/** Another state and profile, as JSON: `null` for none, "" to leave it as it is. */
export interface MemberUpdate {
  state: string;
  profile: string;
}

/** A call that waits until Redis knows what it asked for. */
interface Waiter {
  /** Who is about to enter; null for one that leaves. */
  entering: Entering | null;
  resolve(record: MemberRecord | null): void;
  reject(error: unknown): void;
}

/** A connection that is in the room. */
interface Entry {
  /** How many of its enters were not said to have failed: without any it is not in the room. */
  enters: number;
}

/** One enter of a connection. */
export interface Entering {
  connection: Connection;
  entry: Entry;
}

/** A user whom this node holds in a room. */
interface LocalMember {
  readonly connections: Map<Connection, Entry>;
  /** What Redis last said of it. */
  known: MemberRecord | null;
}

/** What Redis has yet to be told of a user. Whether the user is here is seen when that is done. */
interface Pending {
  isFinal: boolean;
  dress: MemberUpdate;
  waiters: Waiter[];
}

export interface Change extends Pending {
  user: string;
  /** Null for one who is not here. */
  member: LocalMember | null;
}

const asItIs: MemberUpdate = { state: "", profile: "" };
const isSame = (asked: string, known: string) => asked === "" || (asked === "null" ? "" : asked) === known;

/** The users whom this node holds in one room, and what Redis has yet to be told of them. */
export class LocalRoom {
  readonly room: string;
  readonly #members = new Map<string, LocalMember>();
  readonly #pending = new Map<string, Pending>();
  /** Those about whom Redis is being told. */
  readonly #underWay = new Set<string>();
  /** The incarnation that has noted the room as one where it may hold somebody. */
  registeredBy: string | null = null;
  /** Somebody has to look at the room who has not been told when. */
  isDue = false;
  /** The number of changes of access that was last looked at; null for not known. */
  access: string | null = null;
  /** Rises with each change. */
  version = 0;

  constructor(room: string) {
    this.room = room;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.isClean;
  }

  /** Whether Redis knows all of it. */
  get isClean(): boolean {
    return this.#pending.size === 0 && this.#underWay.size === 0 && !this.isDue;
  }

  get users(): Iterable<string> {
    return this.#members.keys();
  }

  get memberCount(): number {
    return this.#members.size;
  }

  holds(user: string): boolean {
    return this.#members.has(user);
  }

  /** How many users there are and the sum of their ids' bits, as presence.lua notes it. */
  get summary(): string {
    let bits = 0;
    for (const user of this.#members.keys()) bits ^= createHash("sha1").update(user).digest().readInt32BE(0);
    return this.#members.size === 0 ? "" : `${this.#members.size}:${bits}`;
  }

  /**
   * Lets a connection in, with what it shows.
   * @returns what Redis knows already, or will have answered, and what `undo` takes.
   */
  enter(
    user: string,
    connection: Connection,
    dress: MemberUpdate,
  ): { entering: Entering; answer: Promise<MemberRecord> } {
    const member = this.#members.get(user) ?? { connections: new Map<Connection, Entry>(), known: null };
    this.#members.set(user, member);
    const entry = member.connections.get(connection) ?? { enters: 0 };
    member.connections.set(connection, entry);
    entry.enters += 1;
    const entering = { connection, entry };
    const { known } = member;
    const isSettled = known !== null && !this.#pending.has(user) && !this.#underWay.has(user);
    // A state that is given is told, even if it is the one known here: another node may have told of one since.
    if (isSettled && dress.state === "" && isSame(dress.profile, known.profile)) {
      return { entering, answer: Promise.resolve(known) };
    }
    const answer = new Promise<MemberRecord>((resolve, reject) => {
      const waiter = { entering, resolve: resolve as Waiter["resolve"], reject };
      this.#note(user, { isFinal: false, dress, waiters: [waiter] });
    });
    return { entering, answer };
  }

  /**
   * A change of access is being carried out. If that is the only one since the last that was looked at, nothing is left to
   * look at.
   */
  noteAccess(access: string, concernsOne: boolean): void {
    if (!concernsOne || this.access === null || Number(access) === Number(this.access) + 1) {
      this.access = access;
    }
  }

  /** Lets a connection go. @returns whether it was the user's last one here. */
  exit(user: string, connection: Connection, isFinal: boolean): boolean {
    const member = this.#members.get(user);
    if (!member?.connections.has(connection)) return false;
    const granted = grantedBy(this.room, member);
    member.connections.delete(connection);
    if (member.connections.size > 0) {
      // The others may have been in by what this one was allowed.
      if (grantedBy(this.room, member) !== granted) this.announce([user]);
      return false;
    }
    this.#members.delete(user);
    this.#note(user, { isFinal, dress: asItIs, waiters: [] });
    return true;
  }

  /**
   * Takes an enter back whose caller was told that it failed. A connection that is in the room by another enter stays.
   * @returns whether it is not in the room any more for it
   */
  undo(user: string, { connection, entry }: Entering): boolean {
    if (this.#members.get(user)?.connections.get(connection) !== entry) return false;
    entry.enters -= 1;
    if (entry.enters > 0) return false;
    this.exit(user, connection, false);
    return true;
  }

  /** Resolves when Redis knows that the user left. */
  left(user: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#note(user, { isFinal: true, dress: asItIs, waiters: [{ entering: null, resolve, reject }] });
    });
  }

  /** Tells Redis of some users again, be they here or not. */
  announce(users: Iterable<string>): void {
    for (const user of users) {
      const isFinal = this.#pending.get(user)?.isFinal ?? false;
      this.#note(user, { isFinal, dress: asItIs, waiters: [] });
    }
  }

  /** Takes what Redis is to be told of next. `succeed` or `fail` says what became of it. */
  take(limit: number): Change[] {
    const changes: Change[] = [];
    for (const [user, pending] of this.#pending) {
      if (changes.length === limit) break;
      this.#pending.delete(user);
      this.#underWay.add(user);
      changes.push({ user, member: this.#members.get(user) ?? null, ...pending });
    }
    return changes;
  }

  /**
   * @param replies "", `forbidden` or a record for each change
   * @returns the connections that may not be in the room any more, and the users with their records
   */
  succeed(changes: Change[], replies: string[]) {
    const entered: { user: string; record: MemberRecord }[] = [];
    const evicted: Connection[] = [];
    for (const [at, { user, member, waiters }] of changes.entries()) {
      this.#underWay.delete(user);
      const reply = replies[at]!;
      if (reply === "forbidden") {
        if (member && this.#members.get(user) === member) evicted.push(...this.#evict(user, member));
        for (const { reject } of waiters) reject(roomForbidden());
      } else if (member && reply !== "") {
        const record = decodeRecord(reply);
        member.known = record;
        entered.push({ user, record });
        for (const { resolve } of waiters) resolve(record);
      } else {
        for (const { entering, resolve, reject } of waiters) {
          if (entering === null) resolve(null);
          else reject(new GrandstandError("conflict", "The connection has left meanwhile"));
        }
      }
    }
    return { entered, evicted };
  }

  /**
   * Redis may know of these changes or not, so it is to be told again of how things are. Who waited is told that it
   * failed, and is not in the room for it.
   * @returns the connections that are not in the room
   */
  fail(changes: Change[], error: unknown): Connection[] {
    const refused: Connection[] = [];
    for (const { user, isFinal, waiters } of changes) {
      this.#underWay.delete(user);
      this.#note(user, { isFinal, dress: asItIs, waiters: [] });
      for (const { entering, reject } of waiters) {
        if (entering && this.undo(user, entering)) refused.push(entering.connection);
        reject(error);
      }
    }
    return refused;
  }

  /**
   * Lets go of the connections of a user who was refused, but for those that have asked to enter since: they may be allowed
   * more, and are answered by themselves.
   */
  #evict(user: string, member: LocalMember): Connection[] {
    const asking = new Set(this.#pending.get(user)?.waiters.map(({ entering }) => entering?.connection));
    const evicted = [...member.connections.keys()].filter((connection) => !asking.has(connection));
    for (const connection of evicted) member.connections.delete(connection);
    member.known = null;
    if (member.connections.size === 0) this.#members.delete(user);
    return evicted;
  }

  #note(user: string, { isFinal, dress, waiters }: Pending): void {
    this.version += 1;
    const before = this.#pending.get(user);
    this.#pending.set(user, {
      isFinal,
      dress: {
        state: dress.state === "" ? (before?.dress.state ?? "") : dress.state,
        profile: dress.profile === "" ? (before?.dress.profile ?? "") : dress.profile,
      },
      waiters: [...(before?.waiters ?? []), ...waiters],
    });
  }
}

/** A change as apply.lua takes it. */
export function encodeChange(room: string, { user, member, isFinal, dress }: Change): string {
  if (member === null) return JSON.stringify([isFinal ? "off" : "out", user]);
  const { since = "", stamp = "", state = "", profile = "" } = member.known ?? {};
  return JSON.stringify([
    "in",
    user,
    grantedBy(room, member),
    since,
    stamp,
    state,
    profile,
    dress.state,
    dress.profile,
  ]);
}

/** The most that the credentials of one of a user's connections make of it. */
function grantedBy(room: string, { connections }: LocalMember): GrantedRole {
  let most: GrantedRole = "";
  for (const { caller } of connections.keys()) {
    const granted = grantedRole(caller, "presence", room);
    if (granted === "moderator") return granted;
    if (granted !== "") most = granted;
  }
  return most;
}
