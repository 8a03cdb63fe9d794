import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { EngineSessions, SessionEndpoint } from "../../transports/socketio/engine-sessions.js";

/**
 * Relays the requests of an Engine.IO session to the worker that has the session, because any worker may receive them.
 * A session id consists of the number of that worker, a dot, and Engine.IO's own id. Each worker listens on a unix socket
 * of its own for relayed requests.
 */
export class SessionRelay implements EngineSessions {
  readonly #worker: number;
  readonly #folder: string;

  /** @param folder for the unix sockets, readable by this user only */
  constructor(worker: number, folder: string) {
    this.#worker = worker;
    this.#folder = folder;
  }

  ownId(id: string): string {
    return `${this.#worker}.${id}`;
  }

  ownerOf(sessionId: string): number | null {
    const [, owner] = /^(\d{1,9})\./.exec(sessionId) ?? [];
    return owner === undefined || Number(owner) === this.#worker ? null : Number(owner);
  }

  async listen(endpoint: SessionEndpoint): Promise<() => void> {
    const server = createServer({ keepAliveTimeout: 60_000 }, endpoint.onRequest);
    server.on("upgrade", endpoint.onUpgrade);
    // `exclusive` makes this worker own the socket. Otherwise node:cluster would open the socket in the primary.
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ path: this.#pathOf(this.#worker), exclusive: true }, resolve);
    });
    return () => {
      server.close();
      server.closeAllConnections();
    };
  }

  relayRequest(owner: number, from: IncomingMessage, to: ServerResponse): void {
    // With `connection: close`, the owner could close the connection before this worker has written the end of the body.
    const headers = { ...from.headers, connection: "keep-alive" };
    const target = { socketPath: this.#pathOf(owner), method: from.method, path: from.url, headers };
    const relayed = request(target, (response) => {
      const { connection: _, "keep-alive": __, "transfer-encoding": ___, ...ofResponse } = response.headers;
      to.writeHead(response.statusCode!, ofResponse);
      response.pipe(to);
    });
    // An error means that the owner has exited. The owner's sessions then no longer exist.
    relayed.on("error", () => refuseUnknown(to));
    to.on("close", () => relayed.destroy());
    from.pipe(relayed);
  }

  relayUpgrade(owner: number, from: IncomingMessage, client: Duplex, head: Buffer): void {
    const upstream = connect(this.#pathOf(owner));
    const lines = [`${from.method} ${from.url} HTTP/1.1`];
    for (let at = 0; at < from.rawHeaders.length; at += 2)
      lines.push(`${from.rawHeaders[at]}: ${from.rawHeaders[at + 1]}`);
    upstream.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    upstream.write(head);
    upstream.pipe(client).pipe(upstream);
    for (const [one, other] of [[upstream, client] as const, [client, upstream] as const]) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }

  #pathOf(worker: number): string {
    return join(this.#folder, `${worker}.sock`);
  }
}

/** Sends Engine.IO's own response for an unknown session, so that the client opens a new session. */
function refuseUnknown(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(400, { "content-type": "application/json" });
  response.end(JSON.stringify({ code: 1, message: "Session ID unknown" }));
}
