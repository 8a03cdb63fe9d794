import { list } from "./list.js";
import { isWeak } from "./weak-secrets.js";

/** Several by comma: the first one signs, where something is signed, and all are accepted. */
export const secrets = list.refine(
  (texts) => texts.length > 0 && texts.every((text) => Buffer.byteLength(text) >= 32),
  "must have at least 32 bytes each",
);

/** The faults of secrets that would do for a developer's own machine. They stay out of the message. */
export function weakSecrets(setting: string, secrets: string[] = []): string[] {
  return secrets.some(isWeak)
    ? [`${setting}: a secret is too weak for production, which needs one that is made at random`]
    : [];
}
