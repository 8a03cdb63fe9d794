import { type CloseReason, closeCodes } from "@grandstand/shared/close-codes";

/** What a client is told before its connection is closed, where the transport has words for it. */
export interface CloseNotice {
  code: number;
  reason: string;
  /** How long to stay away, for a client that may come back. */
  reconnectAfterMs?: number;
}

/** How long a client may take to hear why it is closed. Then it is cut off. */
export const CLOSE_NOTICE_TIMEOUT_MS = 5_000;

/** The clients of a node that ends come back over this time, so that they don't fall upon the others at once. */
const SPREAD_MS = 2_000;

export function closeNotice(reason: CloseReason): CloseNotice {
  if (reason !== "draining") return closeCodes[reason];
  return { ...closeCodes[reason], reconnectAfterMs: Math.round(Math.random() * SPREAD_MS) };
}
