import { hash } from "node:crypto";

/** The digest that is stored in place of a secret. It identifies the secret and does not reveal it. */
export function digestOf(secret: string): string {
  return hash("sha256", secret, "base64url");
}
