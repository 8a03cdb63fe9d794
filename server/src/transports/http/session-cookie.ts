import { Signer } from "@fastify/cookie";
import type { CookieSecrets } from "../../auth/cookie-secrets.js";

/** The signed, HttpOnly cookie that holds a session's token. */
export class SessionCookie {
  readonly name: string;
  readonly isSecure: boolean;
  /** The same object for the lifetime of the node, while the secrets may change. */
  readonly signer: Pick<Signer, "sign" | "unsign"> = {
    sign: (token) => this.#current.sign(token),
    unsign: (signed) => this.#current.unsign(signed),
  };
  readonly #secrets: CookieSecrets;
  #signer: { of: readonly string[]; signer: Signer } | null = null;

  /** @param isSecure whether the cookie is sent over https only, as in production */
  constructor(secrets: CookieSecrets, isSecure: boolean) {
    this.#secrets = secrets;
    this.isSecure = isSecure;
    // The prefix makes browsers accept the cookie only from this host over https.
    this.name = isSecure ? "__Host-grandstand" : "grandstand";
  }

  /** The token in the header `Cookie`; null without the cookie, "" when its signature is invalid. */
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
