import type { IncomingMessage } from "node:http";
import { GrandstandError } from "@grandstand/shared/errors";

/**
 * Which pages may begin a live connection. Browsers don't hold those to CORS: any page could open one, with the
 * cookies of whoever looks at it. They do say whose page it is, and no page can change that.
 */
export class Origins {
  readonly #allowed: readonly (string | RegExp)[];

  /** @param allowed origins of other hosts */
  constructor(allowed: readonly (string | RegExp)[]) {
    this.#allowed = allowed;
  }

  /** @throws {GrandstandError} `forbidden` */
  check(request: IncomingMessage): void {
    if (!this.allow(request))
      throw new GrandstandError("forbidden", "Pages of this origin may not connect here");
  }

  /** Without an origin it is no browser's. Pages of this very host may always. */
  allow({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined) return true;
    if (this.#allowed.some((rule) => (typeof rule === "string" ? rule === origin : rule.test(origin))))
      return true;
    if (!URL.canParse(origin) || host === undefined) return false;
    const page = new URL(origin);
    // Some proxies pass the host on without its port.
    return page.host === host || page.hostname === host || `${page.host}:${defaultPort(page)}` === host;
  }
}

function defaultPort({ protocol }: URL): number {
  return protocol === "https:" ? 443 : 80;
}
