import { hash } from "node:crypto";

/** What is kept of a secret: enough to know it again, and of no use to who reads it. */
export function digestOf(secret: string): string {
  return hash("sha256", secret, "base64url");
}
