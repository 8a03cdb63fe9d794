import { Signer } from "@fastify/cookie";
import type { CookieSecrets } from "../../auth/cookie-secrets.js";

/** The cookie that contains a session's token. It is signed, and scripts of a page can't read it. */
export class SessionCookie {
  readonly name: string;
  readonly isSecure: boolean;
  /** Each call signs or verifies with the current secrets, because the secrets can change. */
  readonly signer: Pick<Signer, "sign" | "unsign"> = {
    sign: (token) => this.#current.sign(token),
    unsign: (signed) => this.#current.unsign(signed),
  };
  readonly #secrets: CookieSecrets;
  #signer: { of: readonly string[]; signer: Signer } | null = null;

  /** @param isSecure whether browsers send the cookie over https only, as in production */
  constructor(secrets: CookieSecrets, isSecure: boolean) {
    this.#secrets = secrets;
    this.isSecure = isSecure;
    // With this prefix, browsers accept the cookie from this host over https only.
    this.name = isSecure ? "__Host-grandstand" : "grandstand";
  }

  /** The token in the header `Cookie`; null if the header lacks this cookie, "" if the cookie's signature is wrong. */
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
