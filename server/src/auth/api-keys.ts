import { hash, timingSafeEqual } from "node:crypto";

function digest(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

/** The API keys of the settings, held as digests. */
export class ApiKeys {
  readonly #digests: { name: string; digest: Buffer }[];

  /** @param secrets secret by name */
  constructor(secrets: ReadonlyMap<string, string>) {
    this.#digests = [...secrets].map(([name, secret]) => ({ name, digest: digest(secret) }));
  }

  /** The name of the key with this secret, or null. Takes the same time whichever key it is, if any. */
  nameOf(secret: string): string | null {
    const offered = digest(secret);
    let found: string | null = null;
    for (const key of this.#digests) if (timingSafeEqual(key.digest, offered)) found = key.name;
    return found;
  }
}
