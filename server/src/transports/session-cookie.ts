import { Signer } from "@fastify/cookie";

/** The cookie that holds a session's token, signed, where no script can read it. */
export class SessionCookie {
  readonly name: string;
  readonly isSecure: boolean;
  readonly signer: Signer;

  /**
   * @param secrets the first one signs, all are accepted
   * @param isSecure whether it goes over https alone, as in production
   */
  constructor(secrets: string[], isSecure: boolean) {
    this.signer = new Signer(secrets);
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

  #unsigned(value: string): string {
    try {
      return this.signer.unsign(decodeURIComponent(value)).value ?? "";
    } catch {
      return "";
    }
  }
}
