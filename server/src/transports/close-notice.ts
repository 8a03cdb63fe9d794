import { type CloseReason, closeCodes } from "@grandstand/shared/close-codes";

/** Tells a client why its connection closes and when to reconnect. A WebSocket carries only code and reason. */
export interface CloseNotice {
  code: number;
  reason: string;
  /** How long a client should wait before it reconnects. */
  reconnectAfterMs?: number;
}

/** How long a client may take to read its close notice before it is terminated. */
export const CLOSE_NOTICE_TIMEOUT_MS = 5_000;

/** The clients of a draining node reconnect spread over this time, so that they do not overload the other nodes. */
const RECONNECT_SPREAD_MS = 2_000;

export function closeNotice(reason: CloseReason): CloseNotice {
  if (reason !== "draining") return closeCodes[reason];
  return { ...closeCodes[reason], reconnectAfterMs: Math.round(Math.random() * RECONNECT_SPREAD_MS) };
}
