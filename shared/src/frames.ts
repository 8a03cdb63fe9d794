import { z } from "zod";
import type { Push } from "./channels.js";
import type { WireError } from "./errors.js";
import type { ConnectionLimits } from "./limits.js";
import type { User } from "./user.js";

/** The answer to one operation on a socket; Socket.IO sends it as the acknowledgement. */
export type Ack = { ok: true; data: unknown } | { ok: false; error: WireError };

/** A request on a plain WebSocket. The answer repeats its `id`. */
export const requestFrame = z.strictObject({
  id: z.union([z.int(), z.string().min(1).max(64)]),
  op: z.string().min(1).max(64),
  data: z.unknown().optional(),
});

export type RequestFrame = z.infer<typeof requestFrame>;
export type ReplyFrame = { id: RequestFrame["id"] | null } & Ack;
export type PushFrame = { push: Push };

/** A connection's credentials are about to end: the event `expiring`. */
export interface Expiring {
  /** ISO 8601. */
  expiresAt: string;
}
export type ExpiringFrame = { expiring: Expiring };

/** The data of a WebSocket's first frame, `connect`. The token may be left out when the upgrade carried one. */
export const connectInput = z.strictObject({ token: z.string().min(1).max(8192).optional() });

/** The answer to `connect`; on Socket.IO the event `welcome`. */
export interface Welcome {
  connectionId: string;
  nodeId: string;
  /** Null for a caller with an API key. */
  user: User | null;
  /** When the credentials end, ISO 8601; absent where they have no fixed end, as sessions don't. */
  expiresAt?: string;
  /** ISO 8601. */
  serverTime: string;
  version: string;
  limits: ConnectionLimits;
}
