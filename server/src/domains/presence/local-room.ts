import { createHash } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Connection } from "../../core/connection.js";
import { type GrantedRole, grantedRole, roomForbidden } from "../shared/room-access.js";
import { decodeRecord, type MemberRecord } from "./member.js";

/** A new state and profile, as JSON: "null" clears a value, "" leaves it as it is. */
export interface MemberUpdate {
  state: string;
  profile: string;
}

const noUpdate: MemberUpdate = { state: "", profile: "" };

/**
 * A connection that entered the room with one or more calls. It leaves when all of these calls are undone.
 */
interface Entry {
  callCount: number;
}

/** One call that let a connection enter. */
export interface EnterCall {
  connection: Connection;
  entry: Entry;
}

/** A call that waits until Redis has confirmed a report. */
interface Waiter {
  /** Null for a call of `presence.leave`. */
  enterCall: EnterCall | null;
  resolve(record: MemberRecord | null): void;
  reject(error: unknown): void;
}

/** A user who is in the room over connections of this node. */
interface LocalMember {
  readonly connections: Map<Connection, Entry>;
  /** The member's record as Redis last confirmed it; null if Redis has confirmed none. */
  known: MemberRecord | null;
}

/**
 * A report that this node still has to write. A report tells Redis whether one user is in the room through this node.
 * `takeReports` looks the user up just before the report is written.
 */
interface PendingReport {
  /** Whether the user leaves at once, without a grace period: the user called `presence.leave` or lost access. */
  hasLeft: boolean;
  update: MemberUpdate;
  waiters: Waiter[];
}

/** A report that is being written. */
export interface Report extends PendingReport {
  user: string;
  /** Null for a user without a connection of this node in the room. */
  member: LocalMember | null;
}

/**
 * The users who are in one room over connections of this
 * node, and the reports that Redis has not confirmed yet.
 */
export class LocalRoom {
  readonly name: string;
  readonly #members = new Map<string, LocalMember>();
  readonly #pending = new Map<string, PendingReport>();
  /** The users whose reports are being written, with `hasLeft` of these reports. */
  readonly #writing = new Map<string, boolean>();
  /**
   * Redis keeps a list of rooms for each incarnation (each lease) of a node. This is the incarnation whose list has this
   * room; null if no list has it.
   */
  registeredBy: string | null = null;
  /**
   * Whether this node still has to add the room to the schedule in Redis (due-rooms.ts). The schedule has the time when the
   * next grace period or TTL in a room ends.
   */
  isDue = false;
  /**
   * The access version of a room counts the changes of access to it. This is the version for which this node last checked
   * the members; null if unknown.
   */
  accessVersion: string | null = null;
  /**
   * Increases with each report. The reconciler compares the room with Redis, and uses the version to see whether the room
   * changed meanwhile.
   */
  version = 0;

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.isSynced;
  }

  /** Whether Redis has confirmed all reports, and the room need not be added to the schedule (`isDue`). */
  get isSynced(): boolean {
    return this.#pending.size === 0 && this.#writing.size === 0 && !this.isDue;
  }

  get users(): Iterable<string> {
    return this.#members.keys();
  }

  holds(user: string): boolean {
    return this.#members.has(user);
  }

  /**
   * The number of users and the XOR of hashes of their ids,
   * as in presence.lua, such as `3:-171421`; "" for no users.
   */
  get summary(): string {
    let bits = 0;
    for (const user of this.#members.keys()) bits ^= createHash("sha1").update(user).digest().readInt32BE(0);
    return this.#members.size === 0 ? "" : `${this.#members.size}:${bits}`;
  }

  /**
   * Lets a connection enter.
   * @returns `record` resolves with the member's record when Redis has confirmed it; `enterCall` is for `undo`
   */
  enter(
    user: string,
    connection: Connection,
    update: MemberUpdate,
  ): { enterCall: EnterCall; record: Promise<MemberRecord> } {
    const member = this.#members.get(user) ?? { connections: new Map<Connection, Entry>(), known: null };
    this.#members.set(user, member);
    const entry = member.connections.get(connection) ?? { callCount: 0 };
    member.connections.set(connection, entry);
    entry.callCount += 1;
    const enterCall = { connection, entry };
    const { known } = member;
    const isConfirmed = known !== null && !this.#pending.has(user) && !this.#writing.has(user);
    // A state is always written, even if it equals the known
    // one: another node may have written a different one since.
    if (isConfirmed && update.state === "" && leaves(update.profile, known.profile)) {
      return { enterCall, record: Promise.resolve(known) };
    }
    const record = new Promise<MemberRecord>((resolve, reject) => {
      const waiter = { enterCall, resolve: resolve as Waiter["resolve"], reject };
      this.#addReport(user, { hasLeft: false, update, waiters: [waiter] });
    });
    return { enterCall, record };
  }

  /**
   * Stores the room's access version after a change of access. The caller makes Redis check the affected members again.
   * If the change concerns one user and this node missed an earlier change, other members are still unchecked. So the room
   * keeps its old version. The reconciler later finds a newer version in Redis, and makes Redis check all members.
   */
  noteAccess(accessVersion: string, concernsOneUser: boolean): void {
    if (
      !concernsOneUser ||
      this.accessVersion === null ||
      Number(accessVersion) === Number(this.accessVersion) + 1
    ) {
      this.accessVersion = accessVersion;
    }
  }

  /** Lets a connection leave. @returns whether this was the last connection of this node that the user had in the room */
  exit(user: string, connection: Connection, hasLeft: boolean): boolean {
    const member = this.#members.get(user);
    if (!member?.connections.has(connection)) return false;
    const granted = grantedBy(this.name, member);
    member.connections.delete(connection);
    if (member.connections.size > 0) {
      // The user may have had access by the credentials of this
      // connection alone, so Redis has to check the user again.
      if (grantedBy(this.name, member) !== granted) this.announce([user]);
      return false;
    }
    this.#members.delete(user);
    this.#addReport(user, { hasLeft, update: noUpdate, waiters: [] });
    return true;
  }

  /**
   * Undoes a call of `enter` whose caller has received an error.
   * @returns whether the connection has left the room, because no other call let it enter
   */
  undo(user: string, { connection, entry }: EnterCall): boolean {
    if (this.#members.get(user)?.connections.get(connection) !== entry) return false;
    entry.callCount -= 1;
    if (entry.callCount > 0) return false;
    this.exit(user, connection, false);
    return true;
  }

  /** Reports that a user left. Resolves when Redis has confirmed the report. */
  left(user: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#addReport(user, {
        hasLeft: true,
        update: noUpdate,
        waiters: [{ enterCall: null, resolve, reject }],
      });
    });
  }

  /** Reports again whether users are in the room. */
  announce(users: Iterable<string>): void {
    for (const user of users) {
      const hasLeft = this.#pending.get(user)?.hasLeft ?? this.#writing.get(user) ?? false;
      this.#addReport(user, { hasLeft, update: noUpdate, waiters: [] });
    }
  }

  /** Takes the next reports to write. The caller ends them with `confirm` or `fail`. */
  takeReports(limit: number): Report[] {
    const reports: Report[] = [];
    for (const [user, pending] of this.#pending) {
      if (reports.length === limit) break;
      this.#pending.delete(user);
      this.#writing.set(user, pending.hasLeft);
      reports.push({ user, member: this.#members.get(user) ?? null, ...pending });
    }
    return reports;
  }

  /**
   * Ends reports that Redis has applied.
   * @param results what apply.lua replied, one result for each report
   * @returns the members with their records, and the connections that lost access
   */
  confirm(reports: Report[], results: string[]) {
    const members: { user: string; record: MemberRecord }[] = [];
    const evicted: Connection[] = [];
    for (const [at, { user, member, waiters }] of reports.entries()) {
      this.#writing.delete(user);
      const result = results[at]!;
      if (result === "forbidden") {
        if (member && this.#members.get(user) === member) evicted.push(...this.#evict(user, member));
        for (const { reject } of waiters) reject(roomForbidden());
      } else if (member && result !== "") {
        const record = decodeRecord(result);
        member.known = record;
        members.push({ user, record });
        for (const { resolve } of waiters) resolve(record);
      } else {
        for (const { enterCall, resolve, reject } of waiters) {
          if (enterCall === null) resolve(null);
          else reject(new GrandstandError("conflict", "The connection left the room while it entered"));
        }
      }
    }
    return { members, evicted };
  }

  /**
   * Ends reports whose script failed. Redis may still have applied them, so their users are reported again.
   * Calls that wait for the reports fail and are undone.
   * @returns the connections that are not in the room any more
   */
  fail(reports: Report[], error: unknown): Connection[] {
    const refused: Connection[] = [];
    for (const { user, hasLeft, waiters } of reports) {
      this.#writing.delete(user);
      // A later report is newer: the user may have entered or left again.
      const hasLeftNow = this.#pending.get(user)?.hasLeft ?? hasLeft;
      this.#addReport(user, { hasLeft: hasLeftNow, update: noUpdate, waiters: [] });
      for (const { enterCall, reject } of waiters) {
        if (enterCall && this.undo(user, enterCall)) refused.push(enterCall.connection);
        reject(error);
      }
    }
    return refused;
  }

  /**
   * Removes the connections of a user whom Redis refused. Keeps each connection
   * that waits for a pending report: that report decides whether it may enter.
   */
  #evict(user: string, member: LocalMember): Connection[] {
    const asking = new Set(this.#pending.get(user)?.waiters.map(({ enterCall }) => enterCall?.connection));
    const evicted = [...member.connections.keys()].filter((connection) => !asking.has(connection));
    for (const connection of evicted) member.connections.delete(connection);
    member.known = null;
    if (member.connections.size === 0) this.#members.delete(user);
    return evicted;
  }

  /** Adds a report, merged with the pending report about the same user. */
  #addReport(user: string, { hasLeft, update, waiters }: PendingReport): void {
    this.version += 1;
    const before = this.#pending.get(user);
    this.#pending.set(user, {
      hasLeft,
      update: {
        state: update.state === "" ? (before?.update.state ?? "") : update.state,
        profile: update.profile === "" ? (before?.update.profile ?? "") : update.profile,
      },
      waiters: [...(before?.waiters ?? []), ...waiters],
    });
  }
}

/** A report as apply.lua takes it. */
export function encodeReport(room: string, { user, member, hasLeft, update }: Report) {
  const known = member?.known;
  return {
    kind: member !== null ? "held" : hasLeft ? "left" : "lost",
    user,
    granted: member === null ? "" : grantedBy(room, member),
    known: known ? JSON.stringify([known.since, known.stamp, known.state, known.profile]) : "",
    newState: update.state,
    newProfile: update.profile,
  };
}

/** Whether an update leaves a value as it is. */
function leaves(updated: string, known: string): boolean {
  return updated === "" || (updated === "null" ? "" : updated) === known;
}

/** The strongest role that the credentials of the user's connections give in the room. */
function grantedBy(room: string, { connections }: LocalMember): GrantedRole {
  let strongest: GrantedRole = "";
  for (const { caller } of connections.keys()) {
    const granted = grantedRole(caller, "presence", room);
    if (granted === "moderator") return granted;
    if (granted !== "") strongest = granted;
  }
  return strongest;
}
