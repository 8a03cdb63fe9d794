import { randomUUID } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Caller } from "../../core/caller.js";
import { type Idempotency, idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { type ArgumentsOf, namedReply, type ReplyOf, runScript, type Script } from "../../redis/scripts.js";
import type { ReviewedRoom, UserCaller } from "../shared/access-reviewer.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { EventArgument } from "../shared/event-queue.js";
import {
  type GrantedRole,
  grantedRole,
  isOutsider,
  roomForbidden,
  visibilityOf,
} from "../shared/room-access.js";
import { type CommonArgument, maySeeScript } from "./scripts.js";

type OwnArguments<Name extends string> = Omit<ArgumentsOf<Name>, CommonArgument>;
type WriteArguments<Name extends string> = Omit<OwnArguments<Name>, "fingerprint" | "replyTtlMs">;

/** Runs the scripts of one room's presence. */
export class PresenceStore implements ReviewedRoom {
  readonly room: string;
  readonly #dependencies: DomainDependencies;

  constructor(dependencies: DomainDependencies, room: string) {
    this.room = room;
    this.#dependencies = dependencies;
  }

  /**
   * @param node the id of a node's lease, called an incarnation; "" if the script is about no node. A lease is a time limit
   * in Redis, which the node renews. A node that lost its lease takes a new lease with a new id.
   * @throws {GrandstandError} when the status is not `ok`.
   */
  run<Name extends string, Reply extends string>(
    script: Script<Name, Reply>,
    args: OwnArguments<Name>,
    node = "",
  ): Promise<ReplyOf<Reply>> {
    return this.#run(script, args, node, "none");
  }

  /** Runs a script with an idempotency key. */
  write<Name extends string, Reply extends string>(
    script: Script<Name, Reply>,
    idempotency: Idempotency | null,
    args: WriteArguments<Name>,
  ): Promise<ReplyOf<Reply>> {
    const { scope, args: ofKey } = idempotencyArguments(idempotency);
    return this.#run(script, { ...ofKey, ...args }, "", scope);
  }

  grantedTo(caller: Caller): GrantedRole {
    return grantedRole(caller, "presence", this.room);
  }

  async maySee(readers: UserCaller[]): Promise<boolean[]> {
    const users = readers.map((reader) => ({ id: reader.user.id, granted: this.grantedTo(reader) }));
    const { allowed } = await this.run(maySeeScript, { users });
    return readers.map((reader, at) => allowed[at] === "1" && !isOutsider(reader, "presence", this.room));
  }

  /**
   * Removes ended presence sessions from the room's SET `leaving`. Before this, the caller must write the end of each
   * session to the keys of the session's user (`user:<id>`). Until then, the end is stored only in `leaving`.
   */
  async forgetLeaving(ended: string[]): Promise<void> {
    const { redis, keys } = this.#dependencies;
    await redis.srem(keys.presence(this.room).leaving, ...ended);
  }

  async #run<Name extends string, Reply extends string>(
    script: Script<Name, Reply>,
    args: object,
    node: string,
    scope: string,
  ): Promise<ReplyOf<Reply>> {
    const { redis, openRooms, publishCommand, presenceGraceMs, events } = this.#dependencies;
    const { held, firstReply, ...keys } = this.#dependencies.keys.presence(this.room);
    const common: Record<Exclude<CommonArgument, EventArgument>, string | number> = {
      defaultVisibility: visibilityOf(this.room, openRooms),
      publishCommand,
      newEpoch: randomUUID(),
      graceMs: presenceGraceMs,
      node,
    };
    const named = { ...keys, held: held(node === "" ? "none" : node), firstReply: firstReply(scope) };
    const [status, ...values] = (await events.run(script, { kind: "room", id: this.room }, (outbox) =>
      runScript(redis, script, named, { ...common, ...outbox, ...args } as unknown as ArgumentsOf<Name>),
    )) as string[];
    refuse(status!);
    return namedReply(script, status!, values);
  }
}

/** @throws {GrandstandError} for a status that means an error of the caller. */
function refuse(status: string): void {
  refuseReusedKey(status);
  if (status === "forbidden") throw roomForbidden();
  if (status === "not_kept") {
    throw new GrandstandError("not_found", "No server keeps this user in the room", {
      issues: [{ path: "user", rule: "unknown", message: "is not kept in the room" }],
    });
  }
}
