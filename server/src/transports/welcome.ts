import type { Welcome } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import { endOf } from "../core/caller.js";
import type { Connection } from "../core/connection.js";

/** The identity of this node, for the welcome message. */
export interface NodeIdentity {
  nodeId: string;
  version: string;
  channelsPerConnection: number;
}

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
