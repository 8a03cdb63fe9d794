import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";
import type { JWTPayload } from "jose";

/**
 * Verifies the signature of an HS256 token synchronously. jose would use the thread pool of WebCrypto, which takes ten
 * times as long.
 * @returns the claims; the caller has to check them
 * @throws {Error} that names the fault of the token
 */
export function verifyHs256(token: string, secret: KeyObject): JWTPayload {
  const [header, payload, signature] = token.split(".") as [string, string, string];
  const { alg, crit, b64 } = headerOf(token);
  // A token with extensions (RFC 7515, section 4.1.11) has to be refused, because none is supported.
  if (alg !== "HS256" || crit !== undefined || b64 !== undefined)
    throw new Error("The header of the token is not supported");
  const expected = createHmac("sha256", secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Error("The signature of the token is wrong");
  return decodePart(payload);
}

/** A cache of the last decoded header, because most tokens of one issuer have the same header. */
let lastHeader: { text: string; header: JWTPayload } | null = null;

/** The protected header of a token. @throws {Error} when it is malformed */
export function headerOf(token: string): JWTPayload {
  const text = token.slice(0, token.indexOf("."));
  if (lastHeader?.text !== text) lastHeader = { text, header: decodePart(text) };
  return lastHeader.header;
}

function decodePart(part: string): JWTPayload {
  const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("A part of the token is no object");
  return value as JWTPayload;
}
