import { list } from "./list.js";
import { isWeak } from "./weak-secrets.js";

/**
 * Secrets separated by commas, so that a new secret can replace an old one without an interruption:
 * - Cookies: the first secret signs. A signature by any of the secrets is accepted.
 * - JWTs: a signature by any of the secrets is accepted.
 * - Requests to hooks and webhooks: each secret gives one signature.
 * - Profile requests: the first secret is the bearer token.
 */
export const secrets = list.refine(
  (texts) => texts.length > 0 && texts.every((text) => Buffer.byteLength(text) >= 32),
  "must have at least 32 bytes each",
);

/** A fault if one of the secrets is too weak for production. The message does not contain the secret. */
export function weakSecrets(setting: string, secrets: string[] = []): string[] {
  return secrets.some(isWeak) ? [`${setting}: a secret is too weak for production: use a random one`] : [];
}
