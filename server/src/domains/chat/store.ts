import { randomUUID } from "node:crypto";
import { directUsersOf, isDirect } from "@grandstand/shared/direct-rooms";
import type { ChatVisibility } from "@grandstand/shared/operations/chat";
import type { Redis } from "ioredis";
import type { Caller } from "../../calls/caller.js";
import { grantsOf } from "../../calls/grants.js";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { Keys, RoomKeys } from "../../redis/keys.js";
import { runScript, type Script, type ScriptArgument } from "../../redis/scripts.js";
import { hidden, refuse } from "./refusals.js";

/** As in room.lua. */
export type GrantedRole = "visitor" | "moderator" | "";

/** What all rooms of a node have in common. */
export interface RoomGround {
  redis: Redis;
  keys: Keys;
  publishCommand: "SPUBLISH" | "PUBLISH";
  /** Whether a room that was never configured is public; else nobody but servers may see it. */
  openRooms: boolean;
}

/** Runs the scripts of one room. */
export class RoomStore {
  readonly room: string;
  readonly #ground: RoomGround;
  readonly #keys: RoomKeys;

  constructor(ground: RoomGround, room: string) {
    this.room = room;
    this.#ground = ground;
    this.#keys = ground.keys.room(room);
  }

  /** Of a room that was never configured. */
  get visibility(): ChatVisibility | "closed" {
    if (isDirect(this.room)) return "direct";
    return this.#ground.openRooms ? "public" : "closed";
  }

  /**
   * Runs a script for a caller.
   * @param options.pace what the caller must not do too often, for the scripts that take its key
   * @returns what follows the status
   * @throws {GrandstandError} what the status says, or `forbidden` for the direct room of two others.
   */
  async run(
    script: Script,
    caller: Caller,
    args: ScriptArgument[] = [],
    options: { idempotency?: Idempotency | null; pace?: "sent" | "typed" } = {},
  ): Promise<string[]> {
    const user = caller.kind === "user" ? caller.user.id : "";
    if (this.isOutsider(caller)) throw hidden();
    return this.#run(script, user, this.roleGrantedTo(caller), args, options);
  }

  /** Whether this is the direct room of two others, and nothing else opens it to the caller. */
  isOutsider(caller: Caller): boolean {
    if (caller.kind !== "user" || !isDirect(this.room)) return false;
    const isOneOfTheTwo = directUsersOf(this.room)?.includes(caller.user.id) ?? false;
    return !isOneOfTheTwo && this.roleGrantedTo(caller) === "";
  }

  /** What a caller's credentials make of it here, whatever the room itself says. */
  roleGrantedTo(caller: Caller): GrantedRole {
    const granted = grantsOf(caller, `chat:${this.room}`);
    if (granted.has("moderate")) return "moderator";
    return granted.has("subscribe") || granted.has("publish") ? "visitor" : "";
  }

  /** Runs a script for the node itself, which may see everything. */
  async runForNode(script: Script, args: ScriptArgument[] = []): Promise<string[]> {
    return this.#run(script, "", "", args, {});
  }

  /** Where the log ends, and the number of changes of access. Texts are empty where there is no log. */
  async end(): Promise<{ epoch: string; offset: number; id: string; access: string }> {
    const fields = await this.#ground.redis.hmget(this.#keys.meta, "epoch", "next", "lastId", "access");
    const [epoch, next, id, access] = fields;
    return { epoch: epoch ?? "", offset: Number(next ?? 1) - 1, id: id ?? "", access: access ?? "0" };
  }

  async #run(
    script: Script,
    user: string,
    granted: GrantedRole,
    args: ScriptArgument[],
    { idempotency = null, pace }: { idempotency?: Idempotency | null; pace?: "sent" | "typed" },
  ): Promise<string[]> {
    const { scope, argv } = idempotencyArguments(idempotency);
    const keys = this.#keys;
    const [status, ...rest] = (await runScript(
      this.#ground.redis,
      script,
      [
        ...[
          keys.meta,
          keys.log,
          keys.index,
          keys.reactors,
          keys.readMarks,
          keys.members,
          keys.bans,
          keys.mutes,
        ],
        ...[keys.topic, keys.answer(scope)],
        ...(pace ? [keys.pace(pace, user)] : []),
      ],
      [user, this.visibility, this.#ground.publishCommand, ...argv, randomUUID(), granted, ...args],
    )) as string[];
    refuse(status!, rest);
    return rest;
  }
}
