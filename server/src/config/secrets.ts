import { list } from "./list.js";
import { isWeak } from "./weak-secrets.js";

/**
 * Secrets separated by commas, for a rotation. The first one signs cookies, each one signs requests to the app, and all are
 * accepted.
 */
export const secrets = list.refine(
  (texts) => texts.length > 0 && texts.every((text) => Buffer.byteLength(text) >= 32),
  "must have at least 32 bytes each",
);

/** The faults of secrets that are good enough for development only. The messages do not contain the secrets. */
export function weakSecrets(setting: string, secrets: string[] = []): string[] {
  return secrets.some(isWeak) ? [`${setting}: a secret is too weak for production: use a random one`] : [];
}
