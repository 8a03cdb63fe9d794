import type { CloseReason } from "@grandstand/shared/close-codes";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Welcome } from "@grandstand/shared/frames";

export interface ConnectionState {
  /**
   * - `connecting`: the first connection is being opened.
   * - `live`: connected, and every live view is up to date.
   * - `catchingUp`: connected again; live views are being brought up to date.
   * - `offline`: not connected. Nothing has needed a connection yet, or `disconnect()` ended it, or it was lost and the
   *   client tries again.
   * - `closed`: `close()` was called, or the server ended the client for good. `connect()` opens it again.
   */
  readonly status: "connecting" | "live" | "catchingUp" | "offline" | "closed";
  /** What the server said when it last accepted this client; null before the first time. */
  readonly welcome: Welcome | null;
  /** Why there is no connection; null if there is one, and if the app ended it. */
  readonly error: GrandstandError | null;
  /** The reason that the server gave for closing the last connection; null if it gave none. */
  readonly reason: CloseReason | null;
}

/** The state while a page renders on a server. */
export const connectingState: ConnectionState = {
  status: "connecting",
  welcome: null,
  error: null,
  reason: null,
};
