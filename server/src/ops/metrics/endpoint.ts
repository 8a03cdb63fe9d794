import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GrandstandError } from "@grandstand/shared/errors";
import type { FastifyInstance } from "fastify";
import { digestOf } from "../../auth/digest.js";
import type { Metrics } from "./metrics.js";

/** The metrics to serve. */
export type MetricsSource = Pick<Metrics, "contentType" | "text">;

const PATH = "/metrics";

/**
 * Serves `/metrics` together with the other routes.
 * @param tokenDigest the digest of the required token; null if no token is required
 */
export function metricsRoute(app: FastifyInstance, metrics: MetricsSource, tokenDigest: string | null): void {
  app.get(PATH, async (request, reply) => {
    if (!isAllowed(request.raw, tokenDigest)) {
      throw new GrandstandError(
        "unauthenticated",
        "The metrics require the token of GRANDSTAND_METRICS_TOKEN",
      );
    }
    return reply
      .header("cache-control", "no-store")
      .type(metrics.contentType)
      .send(await metrics.text());
  });
}

/** Serves `/metrics` on a port of its own, and nothing else. */
export class MetricsServer {
  readonly #server: Server;

  /** @param tokenDigest the digest of the required token; null if no token is required */
  constructor(metrics: MetricsSource, tokenDigest: string | null) {
    this.#server = createServer((request, response) => {
      answer(request, response, metrics, tokenDigest).catch(() => response.destroy());
    });
  }

  async listen(host: string, port: number): Promise<void> {
    this.#server.listen({ host, port });
    await once(this.#server, "listening");
  }

  /** The port; null while the server does not listen. */
  get port(): number | null {
    return (this.#server.address() as AddressInfo | null)?.port ?? null;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: MetricsSource,
  tokenDigest: string | null,
): Promise<void> {
  const [path] = (request.url ?? "").split("?", 1);
  if (path !== PATH || (request.method !== "GET" && request.method !== "HEAD")) {
    response.writeHead(404).end();
  } else if (!isAllowed(request, tokenDigest)) {
    response.writeHead(401, { "www-authenticate": "Bearer" }).end();
  } else {
    const text = await metrics.text();
    response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" }).end(text);
  }
}

/** Compares the digests in constant time. */
function isAllowed({ headers }: IncomingMessage, tokenDigest: string | null): boolean {
  if (tokenDigest === null) return true;
  const [, token = ""] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  return timingSafeEqual(Buffer.from(digestOf(token)), Buffer.from(tokenDigest));
}
