import { z } from "zod";
import type { Push } from "./channels.js";
import type { WireError } from "./errors.js";
import type { ConnectionLimits } from "./limits.js";
import type { User } from "./user.js";

/** The reply to one call on a socket; Socket.IO sends it as the acknowledgement. */
export type Ack = { ok: true; data: unknown } | { ok: false; error: WireError };

/** A request on a plain WebSocket. The reply repeats its `id`. */
export const requestFrame = z.strictObject({
  id: z.union([z.int(), z.string().min(1).max(64)]),
  op: z.string().min(1).max(64),
  data: z.unknown().optional(),
  /** The caller's span, in the format of W3C's Trace Context. An invalid value is ignored. */
  traceparent: z.string().max(128).optional(),
});

export type RequestFrame = z.infer<typeof requestFrame>;
export type ReplyFrame = { id: RequestFrame["id"] | null } & Ack;
export type PushFrame = { push: Push };

/** The event `expiring`: the credential of the connection expires soon. */
export interface Expiring {
  /** ISO 8601. */
  expiresAt: string;
}
export type ExpiringFrame = { expiring: Expiring };

/**
 * The data of a WebSocket's frame `connect`. The token is required if the connection has had no valid token yet, neither
 * in the HTTP upgrade nor in a `connect` frame. After a valid token, any further token is refused.
 */
export const connectInput = z.strictObject({ token: z.string().min(1).max(8192).optional() });

/** The reply to `connect`; on Socket.IO the event `welcome`. */
export interface Welcome {
  connectionId: string;
  nodeId: string;
  /** Null for a caller with an API key. */
  user: User | null;
  /** When the credential expires, ISO 8601; absent for a credential without a fixed end, such as a session. */
  expiresAt?: string;
  /** ISO 8601. */
  serverTime: string;
  version: string;
  limits: ConnectionLimits;
}
