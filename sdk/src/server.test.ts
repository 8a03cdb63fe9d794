import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createServerClient } from "./server.js";

it("a call to a server that does not answer ends within a timeout shorter than a second", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => silent.once("listening", resolve));
  try {
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const client = createServerClient({ url, apiKey: "key", timeoutMs: 200 });
    const startedAt = performance.now();
    await expect(client.counter.get({ counter: "likes" })).rejects.toMatchObject({ code: "unavailable" });
    expect(performance.now() - startedAt).toBeLessThan(900);
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});
