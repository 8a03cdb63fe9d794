import { type JWTPayload, SignJWT } from "jose";

/** The secret of test nodes that accept JWTs. */
export const TOKEN_SECRET = "a secret of tests of 32 bytes or more";

/** A JWT that is valid for an hour. `claims` adds or replaces claims; the value null removes a claim. */
export function tokenFor(
  sub: string,
  claims: Record<string, unknown> = {},
  secret = TOKEN_SECRET,
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const all = { sub, iat: now, exp: now + 3_600, ...claims };
  const stated = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  return new SignJWT(stated as JWTPayload)
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));
}

/** A time that is `seconds` from now, in seconds since 1970, as JWT claims use it. */
export function secondsFromNow(seconds: number): number {
  return Date.now() / 1_000 + seconds;
}
