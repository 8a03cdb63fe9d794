import type { GrandstandError } from "@grandstand/shared/errors";
import type { Welcome } from "@grandstand/shared/frames";

export interface ConnectionState {
  /** `connecting` until the first `live`; from `closed` there is no way back. */
  readonly status: "connecting" | "live" | "reconnecting" | "closed";
  /** What the server said when it last let this client in; null before the first time. */
  readonly welcome: Welcome | null;
  /** Why there is no connection; null while there is one, and after `close()`. */
  readonly error: GrandstandError | null;
}

export const connectingState: ConnectionState = { status: "connecting", welcome: null, error: null };
