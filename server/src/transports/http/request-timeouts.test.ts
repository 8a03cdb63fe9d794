import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../../test/support/eventually.js";
import { Addresses } from "./addresses.js";
import { refuseUnreadable } from "./problem.js";
import { allowLongUpload, KEEP_ALIVE_MS, keepForProxies } from "./request-timeouts.js";

it.each([
  // Node.js adds a second to `KEEP_ALIVE_MS`.
  { whose: "a client", proxies: [], idleMs: 11_000 },
  { whose: "a trusted proxy", proxies: ["127.0.0.0/8"], idleMs: 75_000 },
])("an idle connection of $whose is kept for $idleMs ms", async ({ proxies, idleMs }) => {
  const http = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (_request, response) => response.end());
  keepForProxies(http, new Addresses(proxies, () => {}));
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const accepted = once(http, "connection");
  const client = connect((http.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await accepted) as [Socket];
  client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await eventually(() => expect(socket.timeout).toBe(idleMs));
  client.destroy();
  http.close();
  await once(http, "close");
});

describe("a request that takes longer than the server's requestTimeout", () => {
  let server: Server;
  /** The number of requests that exceeded `requestTimeout`. */
  let expired: number;

  beforeEach(async () => {
    expired = 0;
    server = createServer({ requestTimeout: 50, connectionsCheckingInterval: 10 }, (incoming, response) => {
      if (incoming.url === "/slow") allowLongUpload(incoming);
      incoming.on("error", () => {});
      incoming.on("end", () => response.end());
      incoming.resume();
    });
    server.on("clientError", (error) => {
      if ((error as NodeJS.ErrnoException).code === "ERR_HTTP_REQUEST_TIMEOUT") expired += 1;
    });
    server.on("clientError", refuseUnreadable);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends the first half of a request, and the second half after the timeout. */
  async function sendSlowly(path: string): Promise<number> {
    const { port } = server.address() as AddressInfo;
    const sending = request({ port, path, method: "POST" });
    sending.on("error", () => {});
    const answer = once(sending, "response");
    sending.write("one");
    await expect.poll(() => expired, { timeout: 15_000 }).toBe(1);
    sending.end("two");
    const [response] = (await answer) as [IncomingMessage];
    response.resume();
    return response.statusCode!;
  }

  it("is refused", async () => {
    expect(await sendSlowly("/")).toBe(400);
  });

  it("is answered when it is exempt", async () => {
    expect(await sendSlowly("/slow")).toBe(200);
  });
});
