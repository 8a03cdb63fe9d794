import { randomBytes } from "node:crypto";

/** A key prefix that no other test uses. */
export function freshPrefix(): string {
  return `test-${randomBytes(6).toString("hex")}`;
}

/** An id that no other test of the same node uses. */
export function freshId(kind: string): string {
  return `${kind}-${randomBytes(6).toString("hex")}`;
}

/** The API key of every node in tests. */
export const TEST_API_KEY = "test-key";

/** The secret that signs the requests of HTTP hooks. */
export const TEST_HOOKS_SECRET = "hooks-secret-of-the-tests-0123456789";

/** The secret that signs the deliveries of webhooks. */
export const TEST_WEBHOOK_SECRET = "webhook-secret-of-the-tests-0123456789";
