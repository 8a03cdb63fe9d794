import { EventEmitter } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

/** Hop-by-hop headers that request the upgrade. */
const upgradeHeaders = new Set(["connection", "upgrade", "http2-settings"]);

/**
 * Makes an emitter for @fastify/websocket that emits only the upgrades to a WebSocket at `path`. If the
 * plugin listened directly to the server, it would answer Socket.IO's upgrades with 404. Upgrades at any
 * other path are answered as plain requests; see docs/internals/live-delivery.md.
 */
export function webSocketUpgrades(http: Server, path: string, socketIoPath: string): Server {
  const upgrades = new EventEmitter();
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { url = "/" } = request;
    // Socket.IO uses the same test to recognize its upgrades. If the tests differed, an upgrade that neither Socket.IO
    // nor this function takes would stay open for ever.
    if (url.startsWith(`${socketIoPath}/`)) return;
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    const isOurs = isWebSocket && request.method === "GET" && url.split("?", 1)[0] === path;
    if (isOurs) upgrades.emit("upgrade", request, socket, head);
    else answerAsRequest(http, request, socket, head);
  });
  // The plugin only listens to `upgrade`, but its types require a server.
  return upgrades as Server;
}

/**
 * Lets the server parse a request again, without its upgrade headers. The connection closes after the response,
 * because Node has now set up the socket twice.
 */
export function answerAsRequest(http: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`, "Connection: close"];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name, value] = request.rawHeaders.slice(at, at + 2) as [string, string];
    if (!upgradeHeaders.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  http.emit("connection", socket);
}
