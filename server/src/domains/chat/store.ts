import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import type { Caller } from "../../core/caller.js";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { Keys, RoomKeys } from "../../redis/keys.js";
import { runScript, type Script, type ScriptArgument } from "../../redis/positional-scripts.js";
import type { ReviewedRoom, UserCaller } from "../shared/access-reviewer.js";
import {
  checkNoOutsider,
  type GrantedRole,
  grantedRole,
  isOutsider,
  subjectOf,
  visibilityOf,
} from "../shared/room-access.js";
import { refuse } from "./refusals.js";
import { readersScript } from "./scripts.js";

/** What all rooms of a node have in common. */
export interface RoomGround {
  redis: Redis;
  keys: Keys;
  publishCommand: "SPUBLISH" | "PUBLISH";
  /** Whether a room that was never configured is public; else nobody but servers may see it. */
  openRooms: boolean;
}

/** Runs the scripts of one room. */
export class RoomStore implements ReviewedRoom {
  readonly room: string;
  readonly #ground: RoomGround;
  readonly #keys: RoomKeys;

  constructor(ground: RoomGround, room: string) {
    this.room = room;
    this.#ground = ground;
    this.#keys = ground.keys.room(room);
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
    checkNoOutsider(caller, "chat", this.room);
    return this.#run(script, subjectOf(caller), this.grantedTo(caller), args, options);
  }

  /** What a caller's credentials make of it here, whatever the room itself says. */
  grantedTo(caller: Caller): GrantedRole {
    return grantedRole(caller, "chat", this.room);
  }

  /** Runs a script for the node itself, which may see everything. */
  async runForNode(script: Script, args: ScriptArgument[] = []): Promise<string[]> {
    return this.#run(script, "", "", args, {});
  }

  async maySee(readers: UserCaller[]): Promise<boolean[]> {
    const args = readers.flatMap((reader) => [reader.user.id, this.grantedTo(reader)]);
    const answers = await this.runForNode(readersScript, args);
    return readers.map((reader, at) => answers[at] === "1" && !isOutsider(reader, "chat", this.room));
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
      [
        user,
        visibilityOf(this.room, this.#ground.openRooms),
        this.#ground.publishCommand,
        ...[...argv, randomUUID(), granted],
        ...args,
      ],
    )) as string[];
    refuse(status!, rest);
    return rest;
  }
}
