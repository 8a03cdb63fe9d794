import { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

/** Headers that ask for the upgrade, and belong to this hop only. */
const upgradeHeaders = new Set(["connection", "upgrade", "http2-settings"]);

/**
 * Where @fastify/websocket listens: a source of those upgrades of an HTTP server that ask for a WebSocket at
 * `path`. Listening to the server itself, the plugin would answer Socket.IO's with 404.
 *
 * Any other upgrade is declined as HTTP has it, by answering the request as if it did not ask: Java's HttpClient
 * offers `h2c` with every first request, and Node hands all of them to the listeners of `upgrade`.
 */
export function webSocketUpgrades(http: Server, path: string, socketIoPath: string): Server {
  const upgrades = new EventEmitter();
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith(`${socketIoPath}/`)) return;
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    if (isWebSocket && pathname === path) upgrades.emit("upgrade", request, socket, head);
    else answerAsRequest(http, request, socket, head);
  });
  // The plugin only listens to `upgrade`, which its types can't say.
  return upgrades as Server;
}

/** Hands a request back to the server, which reads it anew without the headers that asked for an upgrade. */
function answerAsRequest(http: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name, value] = request.rawHeaders.slice(at, at + 2) as [string, string];
    if (!upgradeHeaders.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  http.emit("connection", socket);
}
