import type { WebhookEvent } from "@grandstand/shared/webhook-events";

export type { WebhookEvent } from "@grandstand/shared/webhook-events";

/** The headers of a request: a `Headers` object, or Node's `request.headers`. */
export type WebhookHeaders = Headers | Record<string, string | string[] | undefined>;

export interface VerifyWebhookOptions {
  /**
   * The largest difference between `webhook-timestamp` and the current time, in seconds. 300 when not given.
   */
  toleranceSeconds?: number;
}

/**
 * The request was not signed with this secret, a header is missing, or `webhook-timestamp` is outside the
 * tolerance. Answer the request with the HTTP status 400.
 */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
}

/**
 * Verifies the signature of a webhook delivery and returns the event. For the request of an HTTP hook,
 * verifies the signature and returns the parsed body. An HTTP hook asks the app whether to allow a call or a
 * connection.
 *
 * A delivery may arrive more than once. The header `webhook-id` is the same each time.
 * @param body the raw body, exactly as it was received, not parsed
 * @param secret for a webhook, the secret that `webhook.create` returned, or `GRANDSTAND_WEBHOOK_SECRET` for
 * the webhook in the settings; for an HTTP hook, `GRANDSTAND_HOOKS_SECRET`
 * @throws {WebhookVerificationError} if the signature is wrong, a header is missing, or the time is outside
 * the tolerance
 */
export async function verifyWebhook<Content = WebhookEvent>(
  body: string | Uint8Array<ArrayBuffer>,
  headers: WebhookHeaders,
  secret: string,
  { toleranceSeconds = 300 }: VerifyWebhookOptions = {},
): Promise<Content> {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) =>
    headerOf(headers, `webhook-${name}`),
  ) as [string, string, string];
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) <= toleranceSeconds)) {
    throw new WebhookVerificationError("The time of the request is too far from now");
  }
  const encoder = new TextEncoder();
  const raw = secret.startsWith("whsec_")
    ? Uint8Array.from(atob(secret.slice(6)), (character) => character.charCodeAt(0))
    : encoder.encode(secret);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["verify"]);
  const signed = encoder.encode(`${id}.${timestamp}.${text}`);
  for (const signature of signatures.split(" ")) {
    // `verify` compares in constant time.
    if (await crypto.subtle.verify("HMAC", key, bytesOf(signature), signed)) return JSON.parse(text);
  }
  throw new WebhookVerificationError("The signature is not valid");
}

function headerOf(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value === "string") return value;
  throw new WebhookVerificationError(`The header ${name} is missing`);
}

/** Decodes a signature `v1,<base64>`. Returns no bytes if the text has another form. */
function bytesOf(signature: string): Uint8Array<ArrayBuffer> {
  const [, encoded = ""] = /^v1,([A-Za-z0-9+/]+=*)$/.exec(signature) ?? [];
  try {
    return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
