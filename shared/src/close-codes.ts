/**
 * Why the server closed a connection, and whether a client should reconnect: after 4000-4499 it should,
 * after 4500-4999 it should not.
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

/** Whether a client should reconnect after this close code. */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}
