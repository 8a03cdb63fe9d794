import type { IncomingHttpHeaders } from "node:http";
import { GrandstandError } from "@grandstand/shared/errors";
import type { PresentedCredential } from "../../core/caller.js";
import type { Origins } from "./origins.js";
import type { SessionCookie } from "./session-cookie.js";

/** The token of `Authorization: Bearer` or `X-Api-Key`; null without these headers, "" if `Authorization` is unreadable. */
export function tokenInHeaders(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const apiKey = headers["x-api-key"];
  if (typeof apiKey === "string") return apiKey;
  // An unreadable header must not count as absent. The result is an empty token, which matches no credential.
  return headers.authorization === undefined ? null : "";
}

/** Finds the credential of a request, in its headers or in the cookie. */
export class Credentials {
  readonly #cookie: SessionCookie;
  readonly #origins: Origins;

  /** @param origins decides which pages may use the cookie */
  constructor(cookie: SessionCookie, origins: Origins) {
    this.#cookie = cookie;
    this.#origins = origins;
  }

  /**
   * @param isRead whether the request changes nothing. If so, any page may use the cookie: because of CORS, pages of
   * origins that are not allowed can't read the response
   * @throws {GrandstandError} `forbidden` when a page of an origin that is not allowed may have sent the cookie.
   */
  ofRequest(headers: IncomingHttpHeaders, isRead: boolean): PresentedCredential | null {
    const presented = this.#presented(headers);
    if (presented === null || presented.source === "header" || isRead || this.#origins.isOwnPage(headers))
      return presented;
    throw new GrandstandError("forbidden", "A cookie is accepted only from pages of an allowed origin");
  }

  /**
   * Finds the credential of a WebSocket upgrade. A page of another origin of the same site can open a WebSocket, and the
   * browser sends the cookie with it. So the cookie counts only if an allowed page certainly sent the upgrade.
   */
  ofUpgrade(headers: IncomingHttpHeaders): PresentedCredential | null {
    const presented = this.#presented(headers);
    return presented === null || presented.source === "header" || this.#origins.isOwnPage(headers)
      ? presented
      : null;
  }

  #presented(headers: IncomingHttpHeaders): PresentedCredential | null {
    const token = tokenInHeaders(headers);
    if (token !== null) return { token, source: "header" };
    const cookieToken = headers.cookie === undefined ? null : this.#cookie.tokenIn(headers.cookie);
    return cookieToken === null ? null : { token: cookieToken, source: "cookie" };
  }
}
