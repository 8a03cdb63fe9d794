import { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

/** The hop-by-hop headers of an upgrade. */
const upgradeHeaders = new Set(["connection", "upgrade", "http2-settings"]);

/**
 * An event source for @fastify/websocket that emits only upgrades to a WebSocket at `path`. On the server itself, the plugin
 * would answer Socket.IO's upgrades with 404.
 *
 * Any other upgrade, and one that is not a GET, is answered like a plain request, as HTTP allows. Java's HttpClient offers
 * `h2c` with every first request, for example.
 */
export function webSocketUpgrades(http: Server, path: string, socketIoPath: string): Server {
  const upgrades = new EventEmitter();
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { url = "/" } = request;
    // Compares the text as Socket.IO does, so that exactly one of both takes each upgrade.
    if (url.startsWith(`${socketIoPath}/`)) return;
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    const isOurs = isWebSocket && request.method === "GET" && url.split("?", 1)[0] === path;
    if (isOurs) upgrades.emit("upgrade", request, socket, head);
    else answerAsRequest(http, request, socket, head);
  });
  // The plugin only listens to `upgrade`, which its types do not express.
  return upgrades as Server;
}

/**
 * Hands a request back to the server without the headers of its upgrade. It is the last request of its connection, because
 * Node tracks the connection twice from here on.
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
