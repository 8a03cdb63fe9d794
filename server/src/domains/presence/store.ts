import { randomUUID } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Caller } from "../../core/caller.js";
import { type Idempotency, idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { runScript, type Script, type ScriptArgument } from "../../redis/positional-scripts.js";
import type { ReviewedRoom, UserCaller } from "../shared/access-reviewer.js";
import {
  type GrantedRole,
  grantedRole,
  isOutsider,
  roomForbidden,
  visibilityOf,
} from "../shared/room-access.js";
import type { PresenceContext } from "./context.js";
import { maySeeScript } from "./scripts.js";

/** Runs the scripts of one room's presence. */
export class PresenceStore implements ReviewedRoom {
  readonly room: string;
  readonly #context: PresenceContext;

  constructor(context: PresenceContext, room: string) {
    this.room = room;
    this.#context = context;
  }

  /**
   * @param node the incarnation of the node that the script is about; "" for none
   * @returns what follows the status
   * @throws {GrandstandError} what the status says.
   */
  run(script: Script, node = "", args: ScriptArgument[] = []): Promise<string[]> {
    return this.#run(script, node, "none", args);
  }

  /** Runs a script that keeps its answer; it takes fingerprint and TTL before its other arguments. */
  write(script: Script, idempotency: Idempotency | null, args: ScriptArgument[]): Promise<string[]> {
    const { scope, argv } = idempotencyArguments(idempotency);
    return this.#run(script, "", scope, [...argv, ...args]);
  }

  grantedTo(caller: Caller): GrantedRole {
    return grantedRole(caller, "presence", this.room);
  }

  async maySee(readers: UserCaller[]): Promise<boolean[]> {
    const args = readers.flatMap((reader) => [reader.user.id, this.grantedTo(reader)]);
    const answers = await this.run(maySeeScript, "", args);
    return readers.map((reader, at) => answers[at] === "1" && !isOutsider(reader, "presence", this.room));
  }

  /** Takes stays that ended off the list of those that were not noted. */
  async forgetLeaving(stays: string[]): Promise<void> {
    await this.#context.redis.srem(this.#context.keys.presence(this.room).leaving, ...stays);
  }

  async #run(script: Script, node: string, scope: string, args: ScriptArgument[]): Promise<string[]> {
    const { redis, openRooms, publishCommand, graceMs } = this.#context;
    const keys = this.#context.keys.presence(this.room);
    const [status, ...rest] = (await runScript(
      redis,
      script,
      [
        ...[...keys.room, keys.topic, keys.meta, keys.present, keys.records, keys.grace, keys.kept],
        ...[keys.nodes, keys.leaving, keys.held(node === "" ? "none" : node), keys.answer(scope)],
      ],
      [visibilityOf(this.room, openRooms), publishCommand, randomUUID(), graceMs, node, ...args],
    )) as string[];
    refuse(status!);
    return rest;
  }
}

/** @throws {GrandstandError} unless the status is `ok`. */
function refuse(status: string): void {
  if (status === "ok") return;
  refuseReusedKey(status);
  if (status === "forbidden") throw roomForbidden();
  if (status === "not_kept") {
    throw new GrandstandError("not_found", "Nobody keeps this user in the room", {
      issues: [{ path: "user", rule: "unknown", message: "is not kept in the room" }],
    });
  }
  throw new TypeError(`a presence script returned the unknown status ${status}`);
}
