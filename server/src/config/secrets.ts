import { list } from "./list.js";
import { isWeak } from "./weak-secrets.js";

/**
 * Secrets separated by commas, so that a new secret can replace an old one without an interruption. The first secret signs
 * cookies. A request to the app carries one signature for each secret. A signature made with any of the secrets is accepted.
 */
export const secrets = list.refine(
  (texts) => texts.length > 0 && texts.every((text) => Buffer.byteLength(text) >= 32),
  "must have at least 32 bytes each",
);

/** A fault if one of the secrets is too weak for production. The message does not contain the secret. */
export function weakSecrets(setting: string, secrets: string[] = []): string[] {
  return secrets.some(isWeak) ? [`${setting}: a secret is too weak for production: use a random one`] : [];
}
