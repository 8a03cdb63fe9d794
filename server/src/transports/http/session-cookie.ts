import { Signer } from "@fastify/cookie";
import type { CookieSecrets } from "../../auth/cookie-secrets.js";

/** The cookie that holds a session's token, signed, where no script can read it. */
export class SessionCookie {
  readonly name: string;
  readonly isSecure: boolean;
  /** Stays the same object while the secrets change. */
  readonly signer: Pick<Signer, "sign" | "unsign"> = {
    sign: (token) => this.#current.sign(token),
    unsign: (signed) => this.#current.unsign(signed),
  };
  readonly #secrets: CookieSecrets;
  #signer: { of: readonly string[]; signer: Signer } | null = null;

  /** @param isSecure whether it goes over https alone, as in production */
  constructor(secrets: CookieSecrets, isSecure: boolean) {
    this.#secrets = secrets;
    this.isSecure = isSecure;
    // The prefix makes browsers refuse it from anywhere but this host, over https.
    this.name = isSecure ? "__Host-grandstand" : "grandstand";
  }

  /** The token in the header `Cookie`; null when our cookie is not in it, "" when it is not one of ours. */
  tokenIn(header: string): string | null {
    for (const pair of header.split(";")) {
      const [name, value] = pair.trim().split("=", 2);
      if (name === this.name && value) return this.#unsigned(value);
    }
    return null;
  }

  get #current(): Signer {
    const { all } = this.#secrets;
    if (this.#signer?.of !== all) this.#signer = { of: all, signer: new Signer([...all]) };
    return this.#signer.signer;
  }

  #unsigned(value: string): string {
    try {
      return this.signer.unsign(decodeURIComponent(value)).value ?? "";
    } catch {
      return "";
    }
  }
}
