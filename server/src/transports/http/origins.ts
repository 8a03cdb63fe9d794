import type { IncomingHttpHeaders } from "node:http";
import { GrandstandError } from "@grandstand/shared/errors";

/** The error for a page that may not connect. */
export const FOREIGN_PAGE = "Pages of this origin may not connect here";

/**
 * Decides which pages may call this node. Browsers do not apply CORS to WebSockets, so any page could open one with the
 * visitor's cookies. They send the origin of the page, which the page cannot change.
 */
export class Origins {
  readonly #allowed: readonly (string | RegExp)[];

  /** @param allowed the allowed origins of other hosts */
  constructor(allowed: readonly (string | RegExp)[]) {
    this.#allowed = allowed;
  }

  /** @throws {GrandstandError} `forbidden` */
  check(headers: IncomingHttpHeaders): void {
    if (!this.allow(headers)) throw new GrandstandError("forbidden", FOREIGN_PAGE);
  }

  /** Whether a live connection may open. A client without an origin is not a browser. */
  allow(headers: IncomingHttpHeaders): boolean {
    return headers.origin === undefined || this.#isOwn(headers.origin, headers);
  }

  /** Whether the request proves that an allowed page sent it. A cookie alone does not, because browsers send it for any page. */
  isOwnPage(headers: IncomingHttpHeaders): boolean {
    if (headers["sec-fetch-site"] === "same-origin") return true;
    return headers.origin !== undefined && this.#isOwn(headers.origin, headers);
  }

  #isOwn(origin: string, headers: IncomingHttpHeaders): boolean {
    if (this.#allowed.some((rule) => (typeof rule === "string" ? rule === origin : rule.test(origin))))
      return true;
    // A page cannot send X-Forwarded-Host without a CORS preflight.
    return (
      URL.canParse(origin) && [headers.host, headers["x-forwarded-host"]].some((host) => isAt(origin, host))
    );
  }
}

function isAt(origin: string, host: string | string[] | undefined): boolean {
  const { protocol } = new URL(origin);
  // A browser omits the default port from the origin, and a proxy may include it in the host.
  return (
    typeof host === "string" &&
    URL.canParse(`${protocol}//${host}`) &&
    new URL(`${protocol}//${host}`).origin === origin
  );
}
