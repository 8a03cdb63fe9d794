import type { IncomingHttpHeaders } from "node:http";
import { GrandstandError } from "@grandstand/shared/errors";
import type { PresentedCredential } from "../../core/caller.js";
import type { Origins } from "./origins.js";
import type { SessionCookie } from "./session-cookie.js";

/** The token of a request, from `Authorization: Bearer` or `X-Api-Key`; null when it has none. */
export function tokenOf(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const apiKey = headers["x-api-key"];
  if (typeof apiKey === "string") return apiKey;
  // Credentials that can't be read must not pass as none at all: nothing matches an empty token.
  return headers.authorization === undefined ? null : "";
}

/** Finds the token of a request, in its headers or in the cookie. */
export class Credentials {
  readonly #cookie: SessionCookie;
  readonly #origins: Origins;

  /** @param origins of the pages that may call this node */
  constructor(cookie: SessionCookie, origins: Origins) {
    this.#cookie = cookie;
    this.#origins = origins;
  }

  /**
   * @param isReading whether it changes nothing; what is read no page of another origin gets to see
   * @throws {GrandstandError} `forbidden` when a page of another origin may have sent the cookie.
   */
  tokenOf(headers: IncomingHttpHeaders, isReading: boolean): PresentedCredential | null {
    const presented = this.#presented(headers);
    if (presented === null || presented.source === "header" || isReading || this.#origins.isOwnPage(headers))
      return presented;
    throw new GrandstandError("forbidden", "A cookie is taken from pages of this origin only");
  }

  /** The cookie comes along unasked, so one that can't be taken is none. A token in the headers was meant. */
  tokenOfUpgrade(headers: IncomingHttpHeaders): PresentedCredential | null {
    const presented = this.#presented(headers);
    return presented === null || presented.source === "header" || this.#origins.isOwnPage(headers)
      ? presented
      : null;
  }

  #presented(headers: IncomingHttpHeaders): PresentedCredential | null {
    const token = tokenOf(headers);
    if (token !== null) return { token, source: "header" };
    const kept = headers.cookie === undefined ? null : this.#cookie.tokenIn(headers.cookie);
    return kept === null ? null : { token: kept, source: "cookie" };
  }
}
