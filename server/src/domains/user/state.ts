import type { Publication } from "@grandstand/shared/channels";
import { limits } from "@grandstand/shared/limits";
import { runScript } from "../../redis/positional-scripts.js";
import { noticeOf, type PlacedNotice } from "./notices.js";
import type { UserGround } from "./records.js";
import { stateScript } from "./scripts.js";

/** What a user's channel shows, and where that stands. */
export interface UserState {
  /** `UNTOUCHED` while there is no record of the user. */
  epoch: string;
  offset: number;
  /** By id. */
  rooms: string[];
  /** Those behind the offset that was asked for, oldest first. */
  notices: PlacedNotice[];
}

/** Where the channel stands of a user that there is no record of. What is noted first begins an epoch of its own. */
export const UNTOUCHED = "none";

/** @param behind the offset behind which notices are wanted */
export async function readState(
  { redis, keys }: UserGround,
  user: string,
  behind: number,
): Promise<UserState> {
  const { meta, rooms, notices } = keys.user(user);
  const [epoch, offset, inRooms, ...encoded] = (await runScript(
    redis,
    stateScript,
    [meta, rooms, notices],
    [behind, limits.userNoticeTtlMs],
  )) as [string, string, string, ...string[]];
  return {
    epoch: epoch === "" ? UNTOUCHED : epoch,
    offset: Number(offset),
    // Lua has no empty list: where there is no room it says {}.
    rooms: Object.values(JSON.parse(inRooms) as string[]).sort(),
    notices: encoded.map(noticeOf),
  };
}

/** What a message on the user's topic tells of; record.lua writes it. */
export function publicationOf(message: string): Publication & { epoch: string } {
  const [, epoch, offset, kind, content] = /^(\S+) (\d+) (\w+) (.*)$/s.exec(message) as unknown as string[];
  const data = kind === "notice" ? noticeOf(content!).notice : { room: content! };
  return { epoch: epoch!, offset: Number(offset), event: `user.${kind}`, data };
}
