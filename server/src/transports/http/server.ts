import type { AddressInfo } from "node:net";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import type { Logger } from "pino";
import type { LiveTransportName, Observer } from "../../observer/observer.js";
import { Addresses } from "./addresses.js";
import { addSecurityHeaders } from "./headers.js";
import { writeAnswersAtOnce } from "./one-write.js";
import { refuseUnreadable, sendProblem, unreadable } from "./problem.js";
import { KEEP_ALIVE_MS } from "./request-timeouts.js";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The transport that a route belongs to. REST when not set. */
    transport?: LiveTransportName;
  }
  interface FastifyRequest {
    /** The client's address. Behind a trusted proxy, the address that the proxy reports. */
    readonly address: string;
  }
}

/** The longest path parameter is a member id: 128 characters, each of which takes up to 12 characters when encoded. */
const MAX_PARAM_LENGTH = 2_048;
/** How long a client may take to send a request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How long a client may take to send the headers. */
const HEADERS_TIMEOUT_MS = 10_000;
/** How often Node closes requests that exceed these times. */
const TIMEOUT_CHECK_MS = 5_000;
/** 8 KiB for a token, and 8 KiB for all other headers. */
const MAX_HEADER_BYTES = 16 * 1_024;

/** Creates the HTTP server that all transports share. `request.address` is the address of the client. */
export function createHttpServer(
  trustedProxies: string[],
  log: Logger,
  observer: Observer,
): { app: FastifyInstance; addresses: Addresses } {
  const addresses = new Addresses(trustedProxies, warnOnceOfUntrusted(log));
  const noteUnreadable = () => observer.note("refused", { transport: "rest", code: unreadable.code });
  const app: FastifyInstance = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: (_error, _request, reply) => {
      noteUnreadable();
      sendProblem(reply, unreadable);
    },
    trustProxy: trustedProxies.length > 0 ? trustedProxies : false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH, ignoreTrailingSlash: true },
    forceCloseConnections: "idle",
    // Fastify's own 503 while closing is not in the format of other errors (RFC 9457), and leaves a refused upgrade open.
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    clientErrorHandler: (error, socket) => {
      if (refuseUnreadable(error, socket)) noteUnreadable();
    },
    // A child logger per request would add a request id that no log line needs.
    childLoggerFactory: (logger) => logger,
  });
  app.decorateRequest("address", {
    getter() {
      return addresses.of(this.raw);
    },
  });
  addSecurityHeaders(app);
  writeAnswersAtOnce(app.server);
  return { app, addresses };
}

/**
 * Warns once that `X-Forwarded-For` is ignored. If the sender is a proxy that is missing in the
 * settings, limits by address treat all clients of the proxy as one client.
 */
function warnOnceOfUntrusted(log: Logger): (peer: string) => void {
  let isLogged = false;
  return (peer) => {
    if (isLogged) return;
    isLogged = true;
    log.warn(
      { peer },
      "X-Forwarded-For came from an address that GRANDSTAND_TRUSTED_PROXIES does not name, and is ignored",
    );
  };
}

/** The URL at which a server listens. A wildcard address becomes one that a browser on this machine can open. */
export function urlOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo;
  if (address === "0.0.0.0" || address === "::") return `http://127.0.0.1:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
