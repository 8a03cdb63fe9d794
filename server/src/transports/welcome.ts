import type { Welcome } from "@grandstand/shared/frames";
import { limits } from "@grandstand/shared/limits";
import type { Connection } from "../calls/connection.js";

/** Which node of which version this is. */
export interface NodeIdentity {
  nodeId: string;
  version: string;
}

export function welcome({ nodeId, version }: NodeIdentity, { id, caller }: Connection): Welcome {
  const expiresAt = caller.kind === "nobody" ? null : caller.credential?.expiresAt;
  return {
    connectionId: id,
    nodeId,
    user: caller.kind === "user" ? caller.user : null,
    ...(typeof expiresAt === "number" && { expiresAt: new Date(expiresAt).toISOString() }),
    serverTime: new Date().toISOString(),
    version,
    limits: { channelsPerConnection: limits.channelsPerConnection, frameBytes: limits.bodyBytes },
  };
}
