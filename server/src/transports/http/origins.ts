import type { IncomingHttpHeaders } from "node:http";
import cors from "@fastify/cors";
import { GrandstandError } from "@grandstand/shared/errors";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";

/** The error for a page whose origin is not allowed. */
export const FOREIGN_PAGE = "Pages of this origin may not connect here";

const MAX_LOGGED = 100;

/** Pages of this machine on any port, for development. */
export const loopbackOrigins = [/^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/];

/**
 * Adds the CORS headers, which let pages of the allowed origins read responses. Refused origins are logged.
 */
export async function crossOrigin(
  app: FastifyInstance,
  allowed: (string | RegExp)[],
  origins: Origins,
): Promise<void> {
  app.addHook("onRequest", (request, _reply, done) => {
    origins.allow(request.headers);
    done();
  });
  await app.register(cors, {
    origin: allowed,
    // Pages may send the session cookie, and read the response.
    credentials: true,
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    // A string, because the plugin would join a list for each request.
    exposedHeaders: "ETag, RateLimit, RateLimit-Policy, Retry-After",
  });
}

/**
 * Decides which pages may open live connections and use the cookie. CORS does not cover WebSockets: without
 * this check, a page of another origin could open one with its visitor's cookie. Browsers send the page's origin,
 * which the page can't change.
 */
export class Origins {
  readonly #allowed: readonly (string | RegExp)[];
  readonly #log: FastifyBaseLogger;
  readonly #logged = new Set<string>();

  /** @param allowed origins besides the node's own */
  constructor(allowed: readonly (string | RegExp)[], log: FastifyBaseLogger) {
    this.#allowed = allowed;
    this.#log = log;
  }

  /** @throws {GrandstandError} `forbidden` */
  check(headers: IncomingHttpHeaders): void {
    if (!this.allow(headers)) throw new GrandstandError("forbidden", FOREIGN_PAGE);
  }

  /**
   * Whether a live connection may begin; a refused origin is logged. A page of another origin can read a response only if
   * the browser sent `Origin` with the request. So a request without `Origin` is safe, and is allowed.
   */
  allow(headers: IncomingHttpHeaders): boolean {
    const { origin } = headers;
    if (origin === undefined || this.#isOwn(origin, headers)) return true;
    this.#logRefusal(origin);
    return false;
  }

  /**
   * Logs each origin once. The number of logged origins is bounded, because any client can send any origin.
   */
  #logRefusal(origin: string): void {
    if (this.#logged.has(origin) || this.#logged.size === MAX_LOGGED) return;
    this.#logged.add(origin);
    this.#log.warn(
      { origin: origin.slice(0, 200) },
      "pages of this origin are refused, because GRANDSTAND_CORS_ORIGINS does not name it",
    );
  }

  /**
   * Whether it is certain that an allowed page sent the request. The cookie is no proof: browsers also
   * send the cookie with requests of other origins on the same site.
   */
  isOwnPage(headers: IncomingHttpHeaders): boolean {
    if (headers["sec-fetch-site"] === "same-origin") return true;
    return headers.origin !== undefined && this.#isOwn(headers.origin, headers);
  }

  /**
   * Whether it is certain that a page of the node's own origin sent the request. Origins that CORS allows
   * don't count.
   */
  isSameOrigin(headers: IncomingHttpHeaders): boolean {
    const site = headers["sec-fetch-site"];
    if (site !== undefined) return site === "same-origin";
    return headers.origin !== undefined && isAtHost(headers.origin, headers);
  }

  #isOwn(origin: string, headers: IncomingHttpHeaders): boolean {
    if (this.#allowed.some((rule) => (typeof rule === "string" ? rule === origin : rule.test(origin))))
      return true;
    return isAtHost(origin, headers);
  }
}

/**
 * Whether an origin is the node's own, by the host that the request names. A page of an origin that is not allowed
 * can't forge `X-Forwarded-Host`, because CORS lets only pages of allowed origins add this header to a request.
 */
function isAtHost(origin: string, headers: IncomingHttpHeaders): boolean {
  return (
    URL.canParse(origin) && [headers.host, headers["x-forwarded-host"]].some((host) => isAt(origin, host))
  );
}

function isAt(origin: string, host: string | string[] | undefined): boolean {
  const { protocol } = new URL(origin);
  // A browser leaves the default port out of the origin; a proxy may add it to the host.
  return (
    typeof host === "string" &&
    URL.canParse(`${protocol}//${host}`) &&
    new URL(`${protocol}//${host}`).origin === origin
  );
}
