import { io } from "socket.io-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../../../test/support/accounts.js";
import { openSocketIo } from "../../../test/support/drivers/socketio-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { TEST_API_KEY } from "../../../test/support/names.js";

let node: TestNode;

beforeAll(async () => {
  node = await startTestNode();
});

afterAll(() => node.close());

it("T8: the event `welcome` names user and node", async () => {
  const { user, token } = await newGuest(node.url, "Ann");
  const client = await openSocketIo(node.url, token);
  expect(client.welcome).toEqual({
    connectionId: client.socket.id,
    nodeId: expect.any(String),
    user,
    serverTime: expect.stringMatching(/^\d{4}-.*Z$/),
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    limits: { channelsPerConnection: 128, frameBytes: 65_536 },
  });
  await client.close();
});

it("T2: without a token, or with a wrong one, the connection is refused with the error's code", async () => {
  for (const token of [null, "wrong", "gss_wrong"]) {
    await expect(openSocketIo(node.url, token)).rejects.toMatchObject({ data: { code: "unauthenticated" } });
  }
});

it("T2: an unknown event gets `bad_request`, and an event needs no acknowledgement", async () => {
  const client = await openSocketIo(node.url, TEST_API_KEY);
  expect(await client.call("leaderboard.fly")).toMatchObject({ ok: false, error: { code: "bad_request" } });
  expect(await client.call("constructor")).toMatchObject({ ok: false, error: { code: "bad_request" } });
  client.socket.emit("leaderboard.list", {});
  client.socket.emit("error", new Error("from a client"));
  expect(await client.call("leaderboard.list")).toMatchObject({ ok: true });
  await client.close();
});

it("a call with binary data gets `bad_request`", async () => {
  const client = await openSocketIo(node.url, TEST_API_KEY);
  const input = { board: "b", member: "ann", score: 1, metadata: { image: Buffer.from("x") } };
  expect(await client.call("leaderboard.submit", input)).toMatchObject({ error: { code: "bad_request" } });
  await client.close();
});

it("a call over HTTP long-polling gets its acknowledgement", async () => {
  const socket = io(node.url, { auth: { token: TEST_API_KEY }, transports: ["polling"], forceNew: true });
  expect(await socket.emitWithAck("leaderboard.list", {})).toMatchObject({ ok: true });
  socket.disconnect();
});

it("T7: a client receives the close notice before it is disconnected", async () => {
  const other = await startTestNode();
  const client = await openSocketIo(other.url, TEST_API_KEY);
  const events: unknown[] = [];
  client.socket.on("closing", (closing) => events.push(closing));
  client.socket.on("disconnect", (reason) => events.push(reason));
  await other.close();
  await eventually(() =>
    expect(events).toEqual([
      { code: 4009, reason: "draining", reconnectAfterMs: expect.any(Number) },
      "io server disconnect",
    ]),
  );
});

it("AU6: an event nested too deep for recursion is `bad_request`, and the node keeps running", async () => {
  const url = `${node.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(url);
  const received: string[] = [];
  socket.on("message", (data) => received.push(String(data)));
  await eventually(() => expect(received[0]).toMatch(/^0/));
  socket.send(`40${JSON.stringify({ token: TEST_API_KEY })}`);
  await eventually(() => expect(received.some((packet) => packet.startsWith("42"))).toBe(true));
  socket.send(`421["leaderboard.list",${"[".repeat(400_000)}${"]".repeat(400_000)}]`);
  await eventually(() =>
    expect(received.at(-1)).toMatch(/^431\[\{"ok":false,"error":\{"code":"bad_request"/),
  );
  socket.close();
});
