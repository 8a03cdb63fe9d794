import { randomUUID } from "node:crypto";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Caller } from "../../core/caller.js";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { RoomKeys } from "../../redis/keys.js";
import { type ArgumentsOf, namedReply, type ReplyOf, runScript, type Script } from "../../redis/scripts.js";
import type { ReviewedRoom, UserCaller } from "../shared/access-reviewer.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { EventArgument } from "../shared/event-queue.js";
import {
  checkNoOutsider,
  type GrantedRole,
  grantedRole,
  isOutsider,
  subjectOf,
  visibilityOf,
} from "../shared/room-access.js";
import { errorOf } from "./errors.js";
import { type CommonArgument, maySeeScript, readEndScript } from "./scripts.js";

/** The part of `DomainDependencies` that the chat domain uses. */
export type ChatDependencies = Pick<
  DomainDependencies,
  | "redis"
  | "keys"
  | "publishCommand"
  | "log"
  | "observer"
  | "openRooms"
  | "roomAccessChanges"
  | "creationBudget"
  | "events"
  | "traces"
>;

interface RunOptions {
  idempotency?: Idempotency | null;
  /** The action that the script limits to one per user and interval: a send in slow mode, or typing. */
  pace?: "sent" | "typed";
  /** The error if the room does not exist yet and the caller may not create it; null if the caller may create it. */
  creationRefusal?: GrandstandError | null;
}

type OwnArguments<Name extends string> = Omit<ArgumentsOf<Name>, CommonArgument>;

/** The status of a script's reply, and the other values of the reply by name. */
type Outcome = [status: string, reply: Record<string, string | string[]>];

/** Runs the scripts of one room. */
export class RoomStore implements ReviewedRoom {
  readonly room: string;
  readonly #dependencies: ChatDependencies;
  readonly #keys: RoomKeys;

  constructor(dependencies: ChatDependencies, room: string) {
    this.room = room;
    this.#dependencies = dependencies;
    this.#keys = dependencies.keys.room(room);
  }

  /**
   * Runs a script for a caller.
   * @throws {GrandstandError} for a status other than `ok`. Also `forbidden` for a direct room (a room for two users) if
   * the caller is a third user whose credentials give no role in it
   */
  async run<Name extends string, Reply extends string>(
    script: Script<Name, Reply>,
    caller: Caller,
    args: OwnArguments<Name>,
    options: RunOptions = {},
  ): Promise<ReplyOf<Reply>> {
    checkNoOutsider(caller, "chat", this.room);
    const granted = this.grantedTo(caller);
    const [status, reply] = await this.#run(script, subjectOf(caller), granted, args, options);
    if (status === "new_room" && options.creationRefusal) throw options.creationRefusal;
    if (status !== "ok") throw errorOf(status, reply as Record<string, string>);
    return reply as ReplyOf<Reply>;
  }

  /**
   * Runs a script that has several successful statuses. `caller` is null when the node itself reads, with full access.
   * @throws {GrandstandError} `forbidden` when the caller has no access to the room
   */
  async read<Name extends string>(
    script: Script<Name, string>,
    caller: Caller | null,
    args: OwnArguments<Name>,
  ): Promise<Outcome> {
    if (caller === null) return this.#run(script, "", "", args);
    checkNoOutsider(caller, "chat", this.room);
    const [status, reply] = await this.#run(script, subjectOf(caller), this.grantedTo(caller), args);
    if (status === "forbidden") throw errorOf(status, {});
    return [status, reply];
  }

  /** The role that a caller's credential alone gives in this room. The caller may also have a role as a member. */
  grantedTo(caller: Caller): GrantedRole {
    return grantedRole(caller, "chat", this.room);
  }

  async maySee(readers: UserCaller[]): Promise<boolean[]> {
    const users = readers.map((reader) => ({ id: reader.user.id, granted: this.grantedTo(reader) }));
    const [, reply] = await this.#run(maySeeScript, "", "", { users });
    return readers.map((reader, at) => reply.allowed?.[at] === "1" && !isOutsider(reader, "chat", this.room));
  }

  /** Reads the position of the log's last item. If the log has no items, this renews the TTL of its epoch (read-end.lua). */
  async end(): Promise<{ epoch: string; offset: number; id: string; accessVersion: string }> {
    const [, reply] = await this.#run(readEndScript, "", "", {});
    const { epoch, offset, id, accessVersion } = reply as Record<string, string>;
    return { epoch: epoch!, offset: Number(offset), id: id!, accessVersion: accessVersion! };
  }

  async #run<Name extends string>(
    script: Script<Name, string>,
    user: string,
    granted: GrantedRole,
    args: object,
    { idempotency = null, pace }: RunOptions = {},
  ): Promise<Outcome> {
    const { redis, publishCommand, openRooms, events } = this.#dependencies;
    const { scope, args: keptReply } = idempotencyArguments(idempotency);
    const common: Record<Exclude<CommonArgument, EventArgument>, string | number> = {
      caller: user,
      granted,
      defaultVisibility: visibilityOf(this.room, openRooms),
      publishCommand,
      newEpoch: randomUUID(),
      ...keptReply,
    };
    const keys = {
      ...this.#keys,
      firstReply: this.#keys.firstReply(scope),
      pace: pace && this.#keys.pace(pace, user),
    };
    const [status, ...values] = (await events.run(script, { kind: "room", id: this.room }, (outbox) =>
      runScript(redis, script, keys, { ...common, ...outbox, ...args } as unknown as ArgumentsOf<Name>),
    )) as string[];
    return [status!, namedReply(script, status!, values)];
  }
}
