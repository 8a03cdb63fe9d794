import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refuseUnreadable } from "./problem.js";
import { takesItsTime } from "./slow-requests.js";

let server: Server;
/** Requests whose time was up. */
let expired: number;

beforeEach(async () => {
  expired = 0;
  server = createServer({ requestTimeout: 50, connectionsCheckingInterval: 10 }, (incoming, response) => {
    if (incoming.url === "/slow") takesItsTime(incoming);
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

/** Sends the first half of a request, and the second when its time is up. */
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

describe("a request that takes longer than the server's requestTimeout", () => {
  it("is refused", async () => {
    expect(await sendSlowly("/")).toBe(400);
  });

  it("is answered where it may take its time", async () => {
    expect(await sendSlowly("/slow")).toBe(200);
  });
});
