import type { UserNotice } from "@grandstand/shared/events/user";
import { toIsoTime } from "../../core/iso-time.js";

/** A notice with its place in the user's channel. */
export interface PlacedNotice {
  offset: number;
  notice: UserNotice;
}

/** Reads a notice as notify.lua writes it, see notices.lua. */
export function noticeOf(encoded: string): PlacedNotice {
  const [offset, id, name, data, sentAt] = JSON.parse(encoded) as [string, string, string, string, string];
  return {
    offset: Number(offset),
    notice: { id, name, data: data === "" ? null : JSON.parse(data), sentAt: toIsoTime(sentAt) },
  };
}
