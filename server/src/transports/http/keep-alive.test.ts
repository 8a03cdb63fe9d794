import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { eventually } from "../../../test/support/eventually.js";
import { Addresses } from "./addresses.js";
import { KEEP_ALIVE_MS, keepForProxies } from "./keep-alive.js";

it.each([
  // Node gives them a second more than it says.
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
