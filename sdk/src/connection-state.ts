import type { CloseReason } from "@grandstand/shared/close-codes";
import type { GrandstandError } from "@grandstand/shared/errors";
import type { Welcome } from "@grandstand/shared/frames";

export interface ConnectionState {
  /**
   * - `connecting`: a connection is being opened because a call, a live view or the app needs it. The status stays
   *   `connecting` while attempts fail. After a lost connection, the status is `offline` instead.
   * - `live`: connected, and every live view is up to date.
   * - `catchingUp`: connected again; live views are being brought up to date.
   * - `offline`: not connected, because nothing needs a connection, `disconnect()` was called, the user left the
   *   page, or the connection was lost. A lost connection is opened again by itself.
   * - `closed`: `close()` was called, or the server refuses this client, such as for a revoked token. The
   *   client does not reconnect until `connect()` or `reconnect()` is called. After a refusal, a call of
   *   `setToken()` reconnects it too.
   */
  readonly status: "connecting" | "live" | "catchingUp" | "offline" | "closed";
  /**
   * The server's last welcome, with the user and the id of the connection; null until the client was first
   * connected.
   */
  readonly welcome: Welcome | null;
  /**
   * Why the last connection or attempt failed; null while connected, while nothing needs a connection, and after the
   * app closed the connection itself.
   */
  readonly error: GrandstandError | null;
  /**
   * The reason that the server gave for closing or refusing the last connection, or `unauthenticated` if the token
   * function returned null; otherwise null.
   */
  readonly reason: CloseReason | null;
}

/** The state while a page renders on a server. */
export const connectingState: ConnectionState = {
  status: "connecting",
  welcome: null,
  error: null,
  reason: null,
};
