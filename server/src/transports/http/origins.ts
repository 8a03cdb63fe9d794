import type { IncomingHttpHeaders } from "node:http";
import { GrandstandError } from "@grandstand/shared/errors";

/** What a page hears that may not connect. */
export const FOREIGN_PAGE = "Pages of this origin may not connect here";

/**
 * Of which pages requests are taken. Browsers don't hold live connections to CORS: any page could open one, with the cookies
 * of whoever looks at it. They do say whose page it is, and no page can change that.
 */
export class Origins {
  readonly #allowed: readonly (string | RegExp)[];

  /** @param allowed origins of other hosts */
  constructor(allowed: readonly (string | RegExp)[]) {
    this.#allowed = allowed;
  }

  /** @throws {GrandstandError} `forbidden` */
  check(headers: IncomingHttpHeaders): void {
    if (!this.allow(headers)) throw new GrandstandError("forbidden", FOREIGN_PAGE);
  }

  /** Whether a live connection may begin. Without an origin it is no browser's. */
  allow(headers: IncomingHttpHeaders): boolean {
    return headers.origin === undefined || this.#isOwn(headers.origin, headers);
  }

  /**
   * Whether a page of ours sent a request, and not merely no page of anybody else's: a cookie goes along with what any page
   * sends, so it alone is nobody's word.
   */
  isOwnPage(headers: IncomingHttpHeaders): boolean {
    if (headers["sec-fetch-site"] === "same-origin") return true;
    return headers.origin !== undefined && this.#isOwn(headers.origin, headers);
  }

  #isOwn(origin: string, headers: IncomingHttpHeaders): boolean {
    if (this.#allowed.some((rule) => (typeof rule === "string" ? rule === origin : rule.test(origin))))
      return true;
    // No page can send the second one without being asked before whether it may.
    return (
      URL.canParse(origin) && [headers.host, headers["x-forwarded-host"]].some((host) => isAt(origin, host))
    );
  }
}

function isAt(origin: string, host: string | string[] | undefined): boolean {
  const { protocol } = new URL(origin);
  // A browser leaves the usual port out of the origin, a proxy may write it into the host.
  return (
    typeof host === "string" &&
    URL.canParse(`${protocol}//${host}`) &&
    new URL(`${protocol}//${host}`).origin === origin
  );
}
