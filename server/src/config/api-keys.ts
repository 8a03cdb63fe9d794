import { hash } from "node:crypto";
import { z } from "zod";
import { list } from "./list.js";
import { isWeak, MIN_SECRET_LENGTH } from "./weak-secrets.js";

/** The prefix of a session's token, which distinguishes it from an API key. */
export const SESSION_TOKEN_PREFIX = "gss_";
/** The prefix of the tokens of operators who signed in to the console. */
export const CONSOLE_TOKEN_PREFIX = "gso_";

/** A list of `name:secret`, or of `name:sha256:<64 hex digits>` when the settings must not contain the secret. */
export const apiKeys = list.transform((pairs, context) => {
  const keys = new Map<string, { digest: string; isWeak: boolean }>();
  for (const pair of pairs) {
    const colon = pair.indexOf(":");
    const name = pair.slice(0, colon);
    const secret = pair.slice(colon + 1);
    const digest = digestIn(secret);
    if (colon < 1 || digest === null || keys.has(name)) {
      // The pair may contain a secret, so the message does not repeat it.
      context.addIssue({
        code: "custom",
        message: `must be name:secret or name:sha256:<64 hex digits>, separated by commas, with unique names and no secret that begins with ${SESSION_TOKEN_PREFIX}`,
      });
      return z.NEVER;
    }
    keys.set(name, { digest, isWeak: isWeak(secret) });
  }
  return keys;
});

function digestIn(secret: string): string | null {
  if (secret === "" || secret.startsWith(SESSION_TOKEN_PREFIX)) return null;
  if (!secret.startsWith("sha256:")) return hash("sha256", secret, "base64url");
  const hex = secret.slice("sha256:".length);
  return /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, "hex").toString("base64url") : null;
}

/** Returns one message for each key that is too weak for production. The messages do not contain the secrets. */
export function weakKeys(keys: ReadonlyMap<string, { isWeak: boolean }> = new Map()): string[] {
  return [...keys]
    .filter(([, key]) => key.isWeak)
    .map(
      ([name]) =>
        `GRANDSTAND_API_KEYS: the secret of ${name} is too weak for production: use at least ${MIN_SECRET_LENGTH} random characters`,
    );
}
