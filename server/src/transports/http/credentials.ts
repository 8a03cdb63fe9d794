import type { IncomingHttpHeaders } from "node:http";
import { GrandstandError } from "@grandstand/shared/errors";
import type { PresentedCredential } from "../../core/presented-credential.js";
import type { Origins } from "./origins.js";
import type { SessionCookie } from "./session-cookie.js";

/** The token in `Authorization: Bearer` or `X-Api-Key`; null when there is none. */
export function headerToken(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const apiKey = headers["x-api-key"];
  if (typeof apiKey === "string") return apiKey;
  // An unreadable credential must not count as none. An empty token matches nothing.
  return headers.authorization === undefined ? null : "";
}

/** Finds the credential of a request, in a header or in the cookie. */
export class Credentials {
  readonly #cookie: SessionCookie;
  readonly #origins: Origins;

  /** @param origins the origins of pages that may call this node */
  constructor(cookie: SessionCookie, origins: Origins) {
    this.#cookie = cookie;
    this.#origins = origins;
  }

  /**
   * The credential of a request.
   * @param isReading whether the request changes nothing; CORS keeps pages of other origins from reading the response
   * @throws {GrandstandError} `forbidden` when a page of another origin may have sent the cookie
   */
  ofRequest(headers: IncomingHttpHeaders, isReading: boolean): PresentedCredential | null {
    const presented = this.#presented(headers);
    if (presented === null || presented.source === "header" || isReading || this.#origins.isOwnPage(headers))
      return presented;
    throw new GrandstandError("forbidden", "A cookie is accepted from pages of this origin only");
  }

  /** The credential of a WebSocket upgrade. A cookie that cannot be accepted counts as none. */
  ofUpgrade(headers: IncomingHttpHeaders): PresentedCredential | null {
    const presented = this.#presented(headers);
    return presented === null || presented.source === "header" || this.#origins.isOwnPage(headers)
      ? presented
      : null;
  }

  #presented(headers: IncomingHttpHeaders): PresentedCredential | null {
    const token = headerToken(headers);
    if (token !== null) return { token, source: "header" };
    const kept = headers.cookie === undefined ? null : this.#cookie.tokenIn(headers.cookie);
    return kept === null ? null : { token: kept, source: "cookie" };
  }
}
