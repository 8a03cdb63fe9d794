import type { OutputOf } from "@grandstand/shared/contract";
import { directUsersOf, isDirect } from "@grandstand/shared/direct-rooms";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { LRUCache } from "lru-cache";
import type { Caller } from "../../core/caller.js";
import { levelOf } from "../../redis/faults.js";
import { runScript } from "../../redis/scripts.js";
import { notOurCursor } from "../shared/id-index.js";
import { decodeMessage } from "./items.js";
import { listRoomScript, roomSummaryScript } from "./scripts.js";
import { type ChatDependencies, RoomStore } from "./store.js";

export type RoomSummary = OutputOf<"chat.rooms">["rooms"][number];

/** The TTL of a user's list of rooms. Each addition of a room renews it. */
const LIST_TTL_MS = 400 * 86_400_000;
/** How long a node collects the rooms that users have used, before it writes them to the users' lists. */
const LIST_DELAY_MS = 250;
/**
 * When a node has written a room to a user's list, it remembers this pair. It remembers at most `max` pairs, each for
 * `ttl` ms. The node does not write a remembered pair again, so most sends write no list.
 */
const REMEMBERED = { max: 50_000, ttl: 600_000 };

/**
 * The list of each user's rooms: those that the user is a member of, has written in or has read, and direct rooms with
 * a message.
 */
export class RoomLists {
  readonly #dependencies: ChatDependencies;
  readonly #listed = new LRUCache<string, true>(REMEMBERED);
  /** Rooms that are not written to the users' lists yet. The key is "<room> <user>". */
  readonly #pending = new Map<string, { room: string; user: string }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(dependencies: ChatDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Adds a room that the caller has used to the caller's list. A direct room is added for both of its users before the
   * promise resolves. Any other room is added up to LIST_DELAY_MS later, so that the call does not wait for a second write.
   */
  async noteUse(room: string, caller: Caller): Promise<void> {
    if (isDirect(room)) {
      const users = new Set(directUsersOf(room) ?? []);
      if (caller.kind === "user") users.add(caller.user.id);
      await Promise.all(
        [...users].map((user) => this.#listed.has(`${room} ${user}`) || this.add(room, user)),
      );
    } else if (caller.kind === "user" && !this.#listed.has(`${room} ${caller.user.id}`)) {
      this.#pending.set(`${room} ${caller.user.id}`, { room, user: caller.user.id });
      this.#timer ??= setTimeout(() => void this.flush(), LIST_DELAY_MS);
    }
  }

  /** Writes all pending rooms to the lists now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    await Promise.all(pending.map(({ room, user }) => this.add(room, user)));
  }

  async add(room: string, user: string): Promise<void> {
    if (await this.#write(room, user, "1")) this.#listed.set(`${room} ${user}`, true);
  }

  async remove(room: string, user: string): Promise<void> {
    this.#listed.delete(`${room} ${user}`);
    await this.#write(room, user, "0");
  }

  /** Publishes a new read mark to the user's devices. A device that misses the mark gets it later with `chat.rooms`. */
  publishRead(user: string, room: string, offset: string): void {
    const { redis, keys, log } = this.#dependencies;
    redis.publishTo(keys.user(user).topic, `chat read ${room} ${offset}`).catch((error: unknown) => {
      log[levelOf(error)]({ err: error, room, user }, "publishing a read mark failed");
    });
  }

  roomsOf(user: string): Promise<string[]> {
    const { redis, keys } = this.#dependencies;
    return redis.zrange(keys.user(user).chats, "0", "-1");
  }

  /**
   * A page of a user's rooms. The room with the latest activity comes first. Rooms that the caller may not see are left out.
   * @throws {GrandstandError} `bad_request` for a cursor that is not a `nextCursor`
   */
  async page(
    user: string,
    caller: Caller,
    limit: number,
    cursor: string | undefined,
  ): Promise<OutputOf<"chat.rooms">> {
    const after = cursor === undefined ? null : decodeCursor(cursor);
    const { redis, keys } = this.#dependencies;
    await this.flush();
    const rooms = await this.roomsOf(user);
    const active = await Promise.all(
      rooms.map(async (room) => ({
        room,
        lastAt: Number((await redis.hget(keys.room(room).meta, "lastAt")) ?? 0),
      })),
    );
    const sorted = active.sort(byActivity).filter((each) => after === null || byActivity(after, each) < 0);
    const page = sorted.slice(0, limit);
    const summaries = await Promise.all(page.map(({ room }) => this.summaryOf(room, caller)));
    return {
      rooms: summaries.filter((summary) => summary !== null),
      nextCursor: sorted.length > limit ? encodeCursor(page.at(-1)!) : null,
    };
  }

  /** @returns null when the caller may not see the room, or when it has no message and the caller is no member */
  async summaryOf(room: string, caller: Caller): Promise<RoomSummary | null> {
    const summary = await new RoomStore(this.#dependencies, room)
      .run(roomSummaryScript, caller, {})
      .catch((error: unknown) => {
        if (error instanceof GrandstandError && error.code === "forbidden") return null;
        throw error;
      });
    if (summary === null || (summary.role === "visitor" && summary.message === "")) return null;
    const { unread, read, offset, message } = summary;
    const lastMessage = message === "" ? null : decodeMessage(Number(offset), message);
    return { room, unread: Number(unread), read: Number(read), lastMessage };
  }

  /**
   * Adds a room to a user's list or removes it. A failure is only logged, because the call has already changed the room.
   * The room and the list can't change in one script: a Cluster may keep them on different servers.
   * @returns false after a failure
   */
  async #write(room: string, user: string, listed: "1" | "0"): Promise<boolean> {
    const { redis, keys, publishCommand, log } = this.#dependencies;
    const { chats, topic } = keys.user(user);
    const args = { publishCommand, room, listed, limit: limits.chatRoomsPerUser, ttlMs: LIST_TTL_MS };
    try {
      await runScript(redis, listRoomScript, { chats, userTopic: topic }, args);
      return true;
    } catch (error) {
      log[levelOf(error)]({ err: error, room, user }, "writing the list of a user's rooms failed");
      return false;
    }
  }
}

interface ActiveRoom {
  room: string;
  lastAt: number;
}

function byActivity(one: ActiveRoom, other: ActiveRoom): number {
  return other.lastAt - one.lastAt || (one.room < other.room ? -1 : one.room > other.room ? 1 : 0);
}

function encodeCursor({ room, lastAt }: ActiveRoom): string {
  return Buffer.from(`${lastAt} ${room}`).toString("base64url");
}

function decodeCursor(cursor: string): ActiveRoom {
  const [, lastAt, room] = /^(\d{1,16}) (\S{1,128})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (room === undefined || encodeCursor({ room, lastAt: Number(lastAt) }) !== cursor) throw notOurCursor();
  return { room, lastAt: Number(lastAt) };
}
