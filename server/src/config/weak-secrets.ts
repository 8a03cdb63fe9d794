/** Shorter secrets can be guessed. */
export const MIN_SECRET_LENGTH = 16;
/** Secrets that consist of words from documents and examples, which attackers try first. */
const wellKnown =
  /^(?:admin|api|backend|bench|change|default|demo|dev|example|game|grandstand|here|key|me|my|name|pass|please|prod|production|replace|secret|server|test|this|token|word|your|[-_ .<>]|\d{1,4}(?!\d))+$/i;

/** Whether a secret is short, well known, or has very few different characters. */
export function isWeak(secret: string): boolean {
  return secret.length < MIN_SECRET_LENGTH || wellKnown.test(secret) || new Set(secret).size < 6;
}
