/**
 * A random idempotency key. `crypto.randomUUID` is not used, because browsers offer it only on pages with TLS or on
 * localhost.
 */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
}
