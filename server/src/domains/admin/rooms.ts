import type { OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import type { RoomSummary } from "@grandstand/shared/operations/admin";
import type { ChatSanctions } from "@grandstand/shared/operations/chat";
import { toIsoTime } from "../../core/iso-time.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import { findIds, literally } from "../shared/key-search.js";

type Stores = Pick<DomainDependencies, "redis" | "keys">;

/** The time that moderate.lua of chat stores for a sanction without an end. */
const FOREVER = Number.MAX_SAFE_INTEGER;

export async function searchRooms(
  { redis, keys }: Stores,
  { prefix = "", ...page }: ParsedInputOf<"admin.rooms">,
): Promise<OutputOf<"admin.rooms">> {
  const pattern = keys.roomKeys(literally(prefix));
  const { ids, nextCursor } = await findIds(redis, pattern, (key) => keys.roomOfAnyKey(key), page);
  const rooms = await Promise.all(ids.map((room) => summaryOf({ redis, keys }, room)));
  return { rooms: rooms.filter((room) => room !== null), nextCursor };
}

export async function readRoom(stores: Stores, room: string): Promise<OutputOf<"admin.room">> {
  const [summary, settings, sanctions] = await Promise.all([
    summaryOf(stores, room),
    settingsOf(stores, room),
    sanctionsOf(stores, room),
  ]);
  return { summary: summary ?? nothingIn(room), settings, sanctions };
}

function nothingIn(room: string): RoomSummary {
  return { room, visibility: null, messages: 0, members: 0, present: 0, lastAt: null };
}

/** Null for a room of which only short-lived keys are left. */
async function summaryOf({ redis, keys }: Stores, room: string): Promise<RoomSummary | null> {
  const { meta, members } = keys.room(room);
  const [[visibility, messages, lastAt, exists], memberCount, present] = await Promise.all([
    redis.hmget(meta, "visibility", "messages", "lastAt", "next"),
    redis.hlen(members),
    redis.zcard(keys.presence(room).present),
  ]);
  const isEmpty = !visibility && !exists && memberCount === 0 && present === 0;
  if (isEmpty) return null;
  return {
    room,
    visibility: (visibility ?? null) as RoomSummary["visibility"],
    messages: Number(messages ?? 0),
    members: memberCount,
    present,
    // `lastAt` is 0 for a log without items.
    lastAt: Number(lastAt ?? 0) > 0 ? toIsoTime(lastAt!) : null,
  };
}

async function settingsOf(
  { redis, keys }: Stores,
  room: string,
): Promise<OutputOf<"admin.room">["settings"]> {
  const [visibility, logSize, retentionMs, slowModeMs, createdAt, updatedAt] = await redis.hmget(
    keys.room(room).meta,
    "visibility",
    "logSize",
    "retentionMs",
    "slowModeMs",
    "createdAt",
    "updatedAt",
  );
  if (!visibility) return null;
  return {
    room,
    visibility: visibility as "public" | "private" | "direct",
    logSize: Number(logSize),
    retentionMs: Number(retentionMs),
    slowModeMs: Number(slowModeMs ?? 0),
    createdAt: toIsoTime(createdAt!),
    updatedAt: toIsoTime(updatedAt!),
  };
}

async function sanctionsOf({ redis, keys }: Stores, room: string): Promise<ChatSanctions[]> {
  const { mutes, bans } = keys.room(room);
  const [muted, banned] = await Promise.all([endsIn(redis, mutes), endsIn(redis, bans)]);
  const users = [...new Set([...banned.keys(), ...muted.keys()])].slice(0, limits.sanctionsPerRoom);
  return users.map((user) => ({
    user,
    muted: muted.has(user),
    mutedUntil: timeOf(muted.get(user)),
    banned: banned.has(user),
    bannedUntil: timeOf(banned.get(user)),
  }));
}

/** Reads the sanctions in a ZSET that have not ended yet. @returns the end of each user's sanction, in ms */
async function endsIn(redis: Stores["redis"], key: string): Promise<Map<string, number>> {
  const [seconds] = await redis.time();
  const now = Number(seconds) * 1_000;
  const flat = await redis.zrangebyscore(
    key,
    `(${now}`,
    "+inf",
    "WITHSCORES",
    "LIMIT",
    0,
    limits.sanctionsPerRoom,
  );
  return new Map(pairsOf(flat as (string | [string, string])[]));
}

/** Reads a reply WITHSCORES, which is a flat list in RESP2 and a list of pairs in RESP3. */
function pairsOf(reply: (string | [string, string])[]): [string, number][] {
  const flat = reply.flat();
  const pairs: [string, number][] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at]!, Number(flat[at + 1])]);
  return pairs;
}

function timeOf(endsAtMs: number | undefined): string | null {
  return endsAtMs === undefined || endsAtMs >= FOREVER ? null : toIsoTime(endsAtMs);
}
