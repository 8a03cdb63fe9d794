/** A secret that can be guessed in the time that a session of guessing takes is none. */
export const MIN_SECRET_LENGTH = 16;
/** Made of nothing but the words of documents and examples, which are tried first. */
const wellKnown =
  /^(?:admin|api|backend|bench|change|default|demo|dev|example|game|grandstand|here|key|me|my|name|pass|please|prod|production|replace|secret|server|test|this|token|word|your|[-_ .<>]|\d{1,4}(?!\d))+$/i;

/** Whether a secret is short, known, or of very few different characters. */
export function isWeak(secret: string): boolean {
  return secret.length < MIN_SECRET_LENGTH || wellKnown.test(secret) || new Set(secret).size < 6;
}
