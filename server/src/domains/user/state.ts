import type { Publication } from "@grandstand/shared/channels";
import type { UserNotice } from "@grandstand/shared/events/user";
import { limits } from "@grandstand/shared/limits";
import { toIsoTime } from "../../core/iso-time.js";
import { namedReply, runScript } from "../../redis/scripts.js";
import type { RecordDependencies } from "./records.js";
import { readStateScript } from "./scripts.js";

/** A notice with its offset in the user's channel. */
export interface PlacedNotice {
  offset: number;
  notice: UserNotice;
}

/** The state of a user's channel, with its position. */
export interface UserState {
  /** `NO_EPOCH` for a user without a record. */
  epoch: string;
  offset: number;
  /** The ids of the rooms that the user is in, sorted. */
  rooms: string[];
  /** The notices with an offset greater than the argument `behind` of `readState`, oldest first. */
  notices: PlacedNotice[];
}

/** The epoch of a user's channel while the user has no record. The first publication begins the real epoch. */
export const NO_EPOCH = "none";

/** @param behind only notices with a greater offset than this are read */
export async function readState(
  { redis, keys }: Pick<RecordDependencies, "redis" | "keys">,
  user: string,
  behind: number,
): Promise<UserState> {
  const args = { behind, noticeTtlMs: limits.userNoticeTtlMs };
  const [status, ...values] = (await runScript(redis, readStateScript, keys.user(user), args)) as string[];
  const { epoch, offset, rooms, notices } = namedReply(readStateScript, status!, values);
  return {
    epoch: epoch === "" ? NO_EPOCH : epoch,
    offset: Number(offset),
    // Lua encodes an empty list as {}.
    rooms: Object.values(JSON.parse(rooms) as string[]).sort(),
    notices: notices.map(noticeOf),
  };
}

/** Reads a message of the user's topic, as user-record.lua publishes it. */
export function publicationOf(message: string): Publication & { epoch: string } {
  const [, epoch, offset, kind, content] = /^(\S+) (\d+) (\w+) (.*)$/s.exec(message) as unknown as string[];
  const data = kind === "notice" ? noticeOf(content!).notice : { room: content! };
  return { epoch: epoch!, offset: Number(offset), event: `user.${kind}`, data };
}

/** Reads a notice, as notices.lua describes it. */
function noticeOf(encoded: string): PlacedNotice {
  const [offset, id, name, data, sentAt] = JSON.parse(encoded) as [string, string, string, string, string];
  return {
    offset: Number(offset),
    notice: { id, name, data: data === "" ? null : JSON.parse(data), sentAt: toIsoTime(sentAt) },
  };
}
