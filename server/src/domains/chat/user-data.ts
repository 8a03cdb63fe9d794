import type { Handler } from "../../core/handler.js";
import { namedReply, runScript, scriptsOf } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import {
  addErased,
  type Erased,
  type ExportedPart,
  erasureCall,
  forEachInParallel,
} from "../shared/erasure.js";
import { decodeMessage } from "./items.js";

const define = scriptsOf(import.meta.url, { keys: ["meta", "log", "older", "reactors", "reacted"] });
const eraseUserScript = define("erase-user", {
  args: ["user", "tombstone", "from", "limit", "olderOffsets[]"],
  reply: ["next", "erased", "messages..."],
});

/** How many keys each SCAN examines in the search for rooms. */
const KEYS_PER_STEP = 1_000;
const ROOMS_AT_ONCE = 20;
const ITEMS_PER_RUN = 500;
/** Replaces the id of an erased user in the log's reaction items, because clients expect a user id there. */
const TOMBSTONE = "erased";

/**
 * Erases and exports what rooms store about one user. It finds the rooms by a scan of all keys in Redis. Erasures are
 * rare, and an index of rooms would cost an additional write in many other calls.
 */
export class RoomData {
  readonly #dependencies: Pick<DomainDependencies, "redis" | "keys">;
  readonly #deleteMessage: Handler<"chat.delete">;

  constructor(
    dependencies: Pick<DomainDependencies, "redis" | "keys">,
    deleteMessage: Handler<"chat.delete">,
  ) {
    this.#dependencies = dependencies;
    this.#deleteMessage = deleteMessage;
  }

  async erase(user: string): Promise<Erased> {
    let erased: Erased = { messages: 0, items: 0, readMarks: 0, memberships: 0, sanctions: 0 };
    let cursor = "0";
    do {
      const found = await this.#findRooms(cursor);
      await forEachInParallel(found.rooms, ROOMS_AT_ONCE, async (room) => {
        const inRoom = await this.#eraseIn(room, user);
        erased = addErased(erased, inRoom);
      });
      cursor = found.nextCursor;
    } while (cursor !== "0");
    return erased;
  }

  async export(user: string, cursor: string): Promise<ExportedPart> {
    const { rooms, nextCursor } = await this.#findRooms(cursor === "" ? "0" : cursor);
    const lines: ExportedPart["lines"] = [];
    await forEachInParallel(rooms, ROOMS_AT_ONCE, async (room) => {
      lines.push(...(await this.#linesOf(room, user)));
    });
    return { lines, nextCursor: nextCursor === "0" ? null : nextCursor };
  }

  async #findRooms(cursor: string): Promise<{ rooms: string[]; nextCursor: string }> {
    const { redis, keys } = this.#dependencies;
    const { keys: found, nextCursor } = await redis.scanKeys(keys.anyRoomKey, cursor, KEYS_PER_STEP);
    const rooms = new Set(found.map((key) => keys.roomOfKey(key)).filter((room) => room !== null));
    return { rooms: [...rooms], nextCursor };
  }

  async #eraseIn(room: string, user: string): Promise<Erased> {
    const { redis, keys } = this.#dependencies;
    const { readMarks, changed, members, bans, mutes, pace } = keys.room(room);
    const ofItems = await this.#eraseInItems(room, user);
    const [readMark, membership, ban, mute] = await Promise.all([
      redis.hdel(readMarks, user),
      redis.hdel(members, user),
      redis.zrem(bans, user),
      redis.zrem(mutes, user),
      redis.hdel(changed, user),
      redis.unlink(pace("sent", user), pace("typed", user)),
    ]);
    return { ...ofItems, readMarks: readMark, memberships: membership, sanctions: ban + mute };
  }

  /**
   * Deletes the user's messages, and removes the user's id from all items. erase-user.lua removes the sender only from
   * messages that are deleted. The script returns the offsets of the user's other messages, and `#runErase` deletes
   * these messages. A second run of the script over the same items then removes their sender.
   */
  async #eraseInItems(room: string, user: string): Promise<{ messages: number; items: number }> {
    const { redis, keys } = this.#dependencies;
    const sum = { messages: 0, items: 0 };
    let from = "0";
    while (from !== "") {
      const { next, messages } = await this.#runErase(room, user, from, [], sum);
      // If the run returned messages, `#runErase` has deleted them. The next run goes over the same items again, and
      // removes the sender from the deleted messages.
      if (messages.length === 0) from = next;
    }
    const older = (await redis.hkeys(keys.room(room).older)).filter((offset) => offset !== "");
    for (let at = 0; at < older.length; at += ITEMS_PER_RUN) {
      const offsets = older.slice(at, at + ITEMS_PER_RUN);
      const { messages } = await this.#runErase(room, user, "0", offsets, sum);
      if (messages.length > 0) await this.#runErase(room, user, "0", messages, sum);
    }
    return sum;
  }

  /** Runs erase-user.lua, and deletes the messages whose offsets it returned. */
  async #runErase(
    room: string,
    user: string,
    from: string,
    olderOffsets: string[],
    sum: { messages: number; items: number },
  ): Promise<{ next: string; messages: string[] }> {
    const { redis, keys } = this.#dependencies;
    const args = { user, tombstone: TOMBSTONE, from, limit: ITEMS_PER_RUN, olderOffsets };
    const [status, ...values] = (await runScript(redis, eraseUserScript, keys.room(room), args)) as string[];
    const { next, erased, messages } = namedReply(eraseUserScript, status!, values);
    for (const offset of messages) {
      await this.#deleteMessage({ room, offset: Number(offset) }, erasureCall);
    }
    sum.messages += messages.length;
    sum.items += Number(erased);
    return { next, messages };
  }

  async #linesOf(room: string, user: string): Promise<ExportedPart["lines"]> {
    const { redis, keys } = this.#dependencies;
    const { meta, log, older, readMarks, members, bans, mutes } = keys.room(room);
    const [head, inLog, inOlder, readMark, role, ban, mute] = await Promise.all([
      redis.hget(meta, "head"),
      redis.lrange(log, 0, -1),
      redis.hgetall(older),
      redis.hget(readMarks, user),
      redis.hget(members, user),
      redis.zscore(bans, user),
      redis.zscore(mutes, user),
    ]);
    const items: [offset: number, encoded: string][] = [
      ...Object.entries(inOlder).map(([offset, encoded]): [number, string] => [Number(offset), encoded]),
      ...inLog.map((encoded, at): [number, string] => [Number(head) + at, encoded]),
    ];
    const lines: ExportedPart["lines"] = [];
    for (const [offset, encoded] of items) {
      if (encoded === "") continue;
      const [kind, , sender] = JSON.parse(encoded) as string[];
      if (kind === "m" && sender === user) {
        lines.push({ kind: "message", room, ...decodeMessage(offset, encoded) });
      }
    }
    if (readMark !== null) lines.push({ kind: "readMark", room, offset: Number(readMark) });
    if (role !== null) lines.push({ kind: "membership", room, role });
    if (ban !== null) lines.push({ kind: "ban", room });
    if (mute !== null) lines.push({ kind: "mute", room });
    return lines;
  }
}
