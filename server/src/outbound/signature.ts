import { createHmac } from "node:crypto";

/** The headers that sign a request, as the Standard Webhooks specification names them. */
export interface SignatureHeaders extends Record<string, string> {
  "webhook-id": string;
  "webhook-timestamp": string;
  "webhook-signature": string;
}

/**
 * Signs a body: HMAC-SHA256 over `<id>.<timestamp>.<body>`, as https://www.standardwebhooks.com describes.
 * @param secrets each secret gives one signature, so that a receiver with any of the secrets accepts the request
 * @param nowMs the time of the request, in ms since 1970
 */
export function signatureHeaders(
  secrets: readonly string[],
  id: string,
  body: string,
  nowMs = Date.now(),
): SignatureHeaders {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signatures = secrets.map((secret) => {
    const code = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest("base64");
    return `v1,${code}`;
  });
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

const ENCODED_PREFIX = "whsec_";

/** A secret that begins with `whsec_` is a key in base64. Any other secret is the key itself. */
function keyOf(secret: string): Buffer {
  return secret.startsWith(ENCODED_PREFIX)
    ? Buffer.from(secret.slice(ENCODED_PREFIX.length), "base64")
    : Buffer.from(secret);
}

/**
 * The secret of one webhook. It is derived from a secret of
 * the settings, so that no secret is stored in Redis.
 */
export function derivedSecret(secret: string, webhook: string): string {
  return ENCODED_PREFIX + createHmac("sha256", keyOf(secret)).update(`webhook ${webhook}`).digest("base64");
}
