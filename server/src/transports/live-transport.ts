import type { CloseReason } from "@grandstand/shared/close-codes";
import { closeDetails } from "@grandstand/shared/close-details";
import type { Welcome } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { endOf } from "../core/caller.js";
import type { Connection } from "../core/connection.js";

/** A transport with live connections. */
export interface LiveTransport {
  /** Terminates the remaining connections. Their close notices were sent before. */
  stop(): Promise<void>;
}

/** What each welcome says about its node. */
export interface NodeIdentity {
  nodeId: string;
  version: string;
  channelsPerConnection: number;
}

/** The first message of a connection. */
export function welcome(
  { nodeId, version, channelsPerConnection }: NodeIdentity,
  { id, caller }: Connection,
): Welcome {
  const expiresAt = endOf(caller);
  return {
    connectionId: id,
    nodeId,
    user: caller.kind === "user" ? caller.user : null,
    ...(expiresAt !== null && { expiresAt: new Date(expiresAt).toISOString() }),
    serverTime: new Date().toISOString(),
    version,
    limits: { channelsPerConnection, frameBytes: limits.bodyBytes },
  };
}

/** The message that tells a client why its connection closes, on transports with such a message. */
export interface CloseNotice {
  code: number;
  reason: string;
  /** How long to wait before reconnecting. */
  reconnectAfterMs?: number;
}

/** How long a client may take to read its close notice. After this time, the connection is terminated. */
export const CLOSE_NOTICE_TIMEOUT_MS = 5_000;

/** The clients of a draining node reconnect spread over this time, to protect the other nodes. */
const SPREAD_MS = 2_000;

export function closeNotice(reason: CloseReason): CloseNotice {
  if (reason !== "draining") return closeDetails(reason);
  return { ...closeDetails(reason), reconnectAfterMs: Math.round(Math.random() * SPREAD_MS) };
}
