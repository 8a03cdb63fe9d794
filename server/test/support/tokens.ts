import { type JWTPayload, SignJWT } from "jose";

/** What the nodes of tests check tokens with, where they check any. */
export const TOKEN_SECRET = "a secret of tests of 32 bytes or more";

/** A JWT as an app's backend signs it, for an hour; claims can say otherwise, and null takes one out. */
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

/** In seconds from now, as claims have it. */
export function secondsFromNow(seconds: number): number {
  return Date.now() / 1_000 + seconds;
}
