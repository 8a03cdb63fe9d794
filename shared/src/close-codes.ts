/**
 * Why the server closed a connection, and so what a client should do: after 4000-4499 it comes back,
 * after 4500-4999 it does not.
 */
export const closeCodes = {
  connectTimeout: { code: 4000, reason: "no connect frame in time" },
  tokenExpired: { code: 4001, reason: "token expired" },
  slowConsumer: { code: 4008, reason: "slow consumer" },
  draining: { code: 4009, reason: "draining" },
  badFrames: { code: 4500, reason: "too many unreadable frames" },
  revoked: { code: 4501, reason: "revoked" },
  unauthenticated: { code: 4502, reason: "credentials refused" },
  forbidden: { code: 4503, reason: "forbidden" },
  abuse: { code: 4508, reason: "abuse" },
} as const satisfies Record<string, { code: number; reason: string }>;

export type CloseReason = keyof typeof closeCodes;

/** True when a client that met this close code should connect again. */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}
