import type { CloseReason } from "@grandstand/shared/close-codes";

/** What the node asks of a transport with live connections. */
export interface LiveTransport {
  /** How many connections are open. */
  readonly connectionCount: number;
  /** Takes no new connection and ends those there are; resolves when they are gone, or will not go. */
  close(reason: CloseReason): Promise<void>;
}
