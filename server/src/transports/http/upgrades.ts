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
 * offers `h2c` with every first request, and Node hands all of them to the listeners of `upgrade`. So is one that is no
 * GET: what answers it before the plugin has seen it, as a CORS preflight is, would leave its connection open for ever.
 */
export function webSocketUpgrades(http: Server, path: string, socketIoPath: string): Server {
  const upgrades = new EventEmitter();
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { url = "/" } = request;
    // Told apart as Socket.IO does it, by the text: what neither took would stay open for ever.
    if (url.startsWith(`${socketIoPath}/`)) return;
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    const isOurs = isWebSocket && request.method === "GET" && url.split("?", 1)[0] === path;
    if (isOurs) upgrades.emit("upgrade", request, socket, head);
    else answerAsRequest(http, request, socket, head);
  });
  // The plugin only listens to `upgrade`, which its types can't say.
  return upgrades as Server;
}

/**
 * Hands a request back to the server, which reads it anew without the headers that asked for an upgrade. It is the
 * last on its connection: Node keeps what it knows of a connection in two places from here on.
 */
function answerAsRequest(http: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`, "Connection: close"];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name, value] = request.rawHeaders.slice(at, at + 2) as [string, string];
    if (!upgradeHeaders.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  http.emit("connection", socket);
}
