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

const define = scriptsOf(import.meta.url, { keys: ["meta", "log", "reactors"] });
const eraseUserScript = define("erase-user", {
  args: ["user", "tombstone", "from", "limit"],
  reply: ["next", "erased", "messages..."],
});

/** How many keys of Redis one step of the search for rooms looks at. */
const KEYS_PER_STEP = 1_000;
const ROOMS_AT_ONCE = 20;
const ITEMS_PER_RUN = 500;
/** Names nobody: the user of a reaction whose item the log still has. */
const TOMBSTONE = "erased";

/**
 * Erases and exports what rooms store about one user. Rooms are in no index, so it searches the keys of Redis, in steps:
 * an erasure is rare, and an index would cost every write.
 */
export class RoomData {
  readonly #dependencies: DomainDependencies;
  readonly #deleteMessage: Handler<"chat.delete">;

  constructor(dependencies: DomainDependencies, deleteMessage: Handler<"chat.delete">) {
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
    const [nextCursor, found] = await redis.scan(cursor, "MATCH", keys.anyRoomKey, "COUNT", KEYS_PER_STEP);
    const rooms = new Set(found.map((key) => keys.roomOfKey(key)).filter((room) => room !== null));
    return { rooms: [...rooms], nextCursor };
  }

  async #eraseIn(room: string, user: string): Promise<Erased> {
    const { redis, keys } = this.#dependencies;
    const { readMarks, members, bans, mutes } = keys.room(room);
    const ofLog = await this.#eraseInLog(room, user);
    const [readMark, membership, ban, mute] = await Promise.all([
      redis.hdel(readMarks, user),
      redis.hdel(members, user),
      redis.zrem(bans, user),
      redis.zrem(mutes, user),
    ]);
    return { ...ofLog, readMarks: readMark, memberships: membership, sanctions: ban + mute };
  }

  /** Deletes the user's messages, and then removes the user from what the log keeps of them. */
  async #eraseInLog(room: string, user: string): Promise<{ messages: number; items: number }> {
    const { redis, keys } = this.#dependencies;
    let [messages, items] = [0, 0];
    let from = "0";
    while (from !== "") {
      const args = { user, tombstone: TOMBSTONE, from, limit: ITEMS_PER_RUN };
      const [status, ...values] = (await runScript(
        redis,
        eraseUserScript,
        keys.room(room),
        args,
      )) as string[];
      const reply = namedReply(eraseUserScript, status!, values);
      items += Number(reply.erased);
      for (const offset of reply.messages) {
        await this.#deleteMessage({ room, offset: Number(offset) }, erasureCall);
        messages += 1;
      }
      // The same items again: their messages are deleted now.
      if (reply.messages.length === 0) from = reply.next;
    }
    return { messages, items };
  }

  async #linesOf(room: string, user: string): Promise<ExportedPart["lines"]> {
    const { redis, keys } = this.#dependencies;
    const { meta, log, readMarks, members, bans, mutes } = keys.room(room);
    const [head, encodedItems, readMark, role, ban, mute] = await Promise.all([
      redis.hget(meta, "head"),
      redis.lrange(log, 0, -1),
      redis.hget(readMarks, user),
      redis.hget(members, user),
      redis.zscore(bans, user),
      redis.zscore(mutes, user),
    ]);
    const lines: ExportedPart["lines"] = [];
    for (const [at, encoded] of encodedItems.entries()) {
      const [kind, , sender] = JSON.parse(encoded) as string[];
      if (kind !== "m" || sender !== user) continue;
      lines.push({ kind: "message", room, ...decodeMessage(Number(head) + at, encoded) });
    }
    if (readMark !== null) lines.push({ kind: "readMark", room, offset: Number(readMark) });
    if (role !== null) lines.push({ kind: "membership", room, role });
    if (ban !== null) lines.push({ kind: "ban", room });
    if (mute !== null) lines.push({ kind: "mute", room });
    return lines;
  }
}
