import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isRedisUnavailable } from "../redis/faults.js";
import { OutboundError } from "./outbound-error.js";
import { Outbound } from "./request.js";

/** A server that resets each connection when it receives data. */
let resetting: Server;
const outbound = new Outbound(null);

beforeAll(async () => {
  resetting = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
  await new Promise<void>((resolve) => resetting.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  outbound.close();
  await new Promise((resolve) => resetting.close(resolve));
});

function send(port: number): Promise<unknown> {
  const url = new URL(`http://127.0.0.1:${port}/`);
  return outbound
    .send({ method: "GET", url, headers: {}, timeoutMs: 10_000, limitBytes: 100 })
    .catch((error: unknown) => error);
}

it("OP3: a refused or reset connection to the app's own service does not count as an outage of Redis", async () => {
  const { port } = resetting.address() as { port: number };
  const reset = await send(port);
  expect(reset).toBeInstanceOf(OutboundError);
  expect(reset).toMatchObject({ code: "ECONNRESET" });
  expect(isRedisUnavailable(reset)).toBe(false);

  // Port 9 (discard) is closed.
  const refused = (await send(9)) as OutboundError;
  expect(refused).toBeInstanceOf(OutboundError);
  expect(refused.message).toMatch(/^connect /);
  expect(refused.code).toBe("ECONNREFUSED");
  expect(isRedisUnavailable(refused)).toBe(false);
});
