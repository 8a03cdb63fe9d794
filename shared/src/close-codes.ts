/**
 * Why the server closed a connection. A client reconnects after a code from 4000 to 4499, but not after
 * a code from 4500 to 4999.
 */
export const closeCodes = {
  connectTimeout: 4000,
  tokenExpired: 4001,
  slowConsumer: 4008,
  draining: 4009,
  badFrames: 4500,
  revoked: 4501,
  unauthenticated: 4502,
  forbidden: 4503,
  abuse: 4508,
} as const satisfies Record<string, number>;

export type CloseReason = keyof typeof closeCodes;

/** Whether a client should reconnect after this close code. */
export function mayReconnect(code: number): boolean {
  return code < 4500 || code > 4999;
}
