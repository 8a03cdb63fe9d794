import { once } from "node:events";
import { limits } from "@grandstand/shared/limits";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { newGuest } from "../support/accounts.js";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import { hostileTexts } from "../support/attacks/hostile-values.js";
import { exchange, openSocket, readToEnd, requestText, untilClosed } from "../support/attacks/raw-http.js";
import { frame, opcodes, upgraded } from "../support/attacks/raw-websocket.js";
import { openRawSocketIo, type RawSocketIo } from "../support/attacks/socketio-target.js";
import { openWebSocket } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { TEST_API_KEY } from "../support/names.js";

let node: AttackedNode;

beforeAll(async () => {
  node = await startAttackedNode();
});

afterAll(() => node.close());

/** After each test the node serves other clients, has logged no error, and keeps no connection. */
afterEach(async () => {
  const other = await openWebSocket(node.url, TEST_API_KEY);
  expect(await other.call("leaderboard.list")).toMatchObject({ ok: true });
  await other.close();
  await eventually(() => expect([node.connectionCount(), node.channelCount()]).toEqual([0, 0]));
  expect(node.loggedErrors).toEqual([]);
});

const deep = "[".repeat(400_000) + "]".repeat(400_000);
const call = (op: string, data: unknown) => JSON.stringify({ id: 1, op, data });

describe("T3: a WebSocket frame", () => {
  it.each([
    [
      "with an input 33 levels deep",
      `{"id":1,"op":"counter.get","data":${"[".repeat(33)}${"]".repeat(33)}}`,
      "bad_request",
    ],
    [
      "with an input 400,000 levels deep",
      `{"id":1,"op":"leaderboard.submitMany","data":${deep}}`,
      "bad_request",
    ],
    [
      "over the size limit of `counter.get`",
      call("counter.get", "x".repeat(limits.bodyBytes)),
      "payload_too_large",
    ],
    [
      "with `__proto__` beside its fields",
      '{"id":1,"op":"leaderboard.list","__proto__":{"data":{"limit":1}}}',
      null,
    ],
    ["with an operation named `__proto__`", call("__proto__", {}), "bad_request"],
    ["with an operation named `constructor`", call("constructor", {}), "bad_request"],
    ["with an operation named `toString`", call("toString", {}), "bad_request"],
  ])("%s gets a reply", async (_what, text, code) => {
    const client = await openWebSocket(node.url, TEST_API_KEY);
    client.socket.send(text);
    await eventually(() => expect(client.strays.length).toBe(1));
    const [reply] = client.strays;
    if (code === null) expect(reply).not.toMatchObject({ error: { code: "internal" } });
    else expect(reply).toMatchObject({ id: 1, ok: false, error: { code } });
    await client.close();
  });

  it("400,000 levels deep, or with an unusual or invalid id, gets a reply that is not `internal`", async () => {
    const client = await openWebSocket(node.url, TEST_API_KEY);
    const ids = [deep, '"\\u0000\\ud800"', "1e999", "-0", "1.5", "null", '""', `"${"x".repeat(65)}"`];
    for (const text of [deep, ...ids.map((id) => `{"id":${id},"op":"leaderboard.list"}`)]) {
      client.socket.send(text);
    }
    await eventually(() => expect(client.strays.length).toBe(ids.length + 1));
    for (const reply of client.strays) expect(reply).not.toMatchObject({ error: { code: "internal" } });
    await client.close();
  });

  it.each([
    ["invalid UTF-8", frame(Buffer.from([0x22, 0xff, 0x22]))],
    ["a lone surrogate's bytes", frame(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))],
    ["no mask", frame("{}", { isMasked: false })],
    ["a reserved bit, such as compression's", frame("{}", { reserved: 4 })],
    ["an undefined opcode", frame("{}", { opcode: 3 })],
    ["a continuation without a message", frame("{}", { opcode: opcodes.continuation })],
    ["a fragmented ping", frame("x", { opcode: opcodes.ping, fin: false })],
    ["a ping that is too long", frame("x".repeat(126), { opcode: opcodes.ping })],
    ["a length over 1 MiB", frame("", { statedBytes: limits.batchBodyBytes + 1 })],
    ["a length of 2^62", frame("", { statedBytes: 2 ** 62 })],
    ["a close code that no peer may send", frame(Buffer.from([0x03, 0xee]), { opcode: opcodes.close })],
    ["a new message inside a fragmented one", Buffer.concat([frame("{", { fin: false }), frame("{}")])],
  ])("with %s closes the connection", async (_what, bytes) => {
    const socket = await upgraded(node.port, "/v1/ws", TEST_API_KEY);
    socket.write(bytes);
    socket.resume();
    await untilClosed(socket);
  });

  it("in many fragments closes the connection when it exceeds 1 MiB", async () => {
    const socket = await upgraded(node.port, "/v1/ws", TEST_API_KEY);
    socket.resume();
    const closed = untilClosed(socket);
    socket.write(frame('{"id":1,', { fin: false }));
    const fragment = frame(" ".repeat(64), { opcode: opcodes.continuation, fin: false });
    const sending = setInterval(
      () => socket.write(Buffer.concat(Array.from({ length: 1_000 }, () => fragment))),
      1,
    );
    await closed;
    clearInterval(sending);
  });

  it("that is incomplete is dropped with its connection", async () => {
    const socket = await upgraded(node.port, "/v1/ws", TEST_API_KEY);
    socket.write(frame("{", { statedBytes: 1_000_000 }));
    socket.end();
    socket.resume();
    await untilClosed(socket);
  });

  it("that follows the tenth invalid frame is not carried out", async () => {
    const server = await openWebSocket(node.url, TEST_API_KEY);
    const socket = await upgraded(node.port, "/v1/ws", TEST_API_KEY);
    const add = frame(call("counter.add", { counter: "behind" }));
    socket.write(Buffer.concat([...Array.from({ length: 10 }, () => frame("{")), add]));
    // The client does not answer the closing handshake, so its connection stays open for now.
    await eventually(() => expect(node.connectionCount()).toBe(2));
    socket.write(add);
    expect(await server.call("counter.get", { counter: "behind" })).toMatchObject({ data: { value: 0 } });
    socket.destroy();
    await server.close();
  });
});

describe("T2: a Socket.IO packet", () => {
  const connect = `40${JSON.stringify({ token: TEST_API_KEY })}`;

  async function untilDisconnected({ socket }: RawSocketIo): Promise<void> {
    if (socket.readyState !== WebSocket.CLOSED) await once(socket, "close");
  }

  it.each([
    ["of an unknown Engine.IO type", "9"],
    ["of an unknown Socket.IO type", "49"],
    ["without an event", "42"],
    ["that is not a list", '42{"a":1}'],
    ["with an empty list", "42[]"],
    ["with an event that is a list", "42[[]]"],
    ["with an event that is null", "42[null]"],
    ["with a reserved event name", '42["disconnect"]'],
    ["that acknowledges without an id", "43[]"],
    ["that acknowledges an unknown id", '43999999["x"]'],
    ["that is not JSON", '42["x"'],
    ["that announces a missing attachment", '451-["x",{"_placeholder":true,"num":7}]'],
    ["that announces billions of attachments", `4599999999-["x",{"_placeholder":true,"num":0}]`],
    ["with an invalid number of attachments", '45x-["x"]'],
    [
      "that is followed by text instead of its attachment",
      '451-["x",{"_placeholder":true,"num":0}]\u001e42["leaderboard.list"]',
    ],
    ["that is 400,000 levels deep", `42${deep}`],
    ["that connects again", connect],
    ["that connects with credentials that are not an object", '40"x"'],
    ["of an Engine.IO type that only servers send", '0{"sid":"x"}'],
    ["that is an Engine.IO upgrade", "5"],
    ["that is an upgrade probe", "2probe"],
  ])("%s closes the connection or leaves it usable", async (_what, packet) => {
    const client = await openRawSocketIo(node.port, connect);
    client.socket.send(packet);
    client.socket.send('427["leaderboard.list",{}]');
    await Promise.race([
      untilDisconnected(client),
      eventually(() => expect(client.received.some((text) => text.startsWith('437[{"ok":true'))).toBe(true)),
    ]);
    client.socket.close();
    await untilDisconnected(client);
  });

  it("with binary content closes the connection or leaves it usable, and is not answered with `internal`", async () => {
    for (const packets of [
      ['451-1["counter.add",{"_placeholder":true,"num":0}]', Buffer.from("x")],
      [
        '4510-1["counter.add",{"counter":{"_placeholder":true,"num":3}}]',
        ...Array(10).fill(Buffer.alloc(1_000)),
      ],
      ['451-1["counter.add",{"_placeholder":true,"num":"__proto__"}]', Buffer.from("x")],
      ['451-["__proto__",{"_placeholder":true,"num":0}]', Buffer.from("x")],
      [Buffer.from("42[]")],
    ]) {
      const client = await openRawSocketIo(node.port, connect);
      for (const packet of packets) client.socket.send(packet);
      client.socket.send('427["leaderboard.list",{}]');
      await Promise.race([
        untilDisconnected(client),
        eventually(() => expect(client.received.some((text) => text.startsWith("437"))).toBe(true)),
      ]);
      expect(client.received.join()).not.toContain('"internal"');
      client.socket.close();
      await untilDisconnected(client);
    }
  });

  it("that connects to an unknown namespace is refused and opens no connection", async () => {
    const client = await openRawSocketIo(node.port, connect);
    for (let at = 0; at < 2_000; at += 1) client.socket.send(`40/n${at},{}`);
    client.socket.send('427["leaderboard.list",{}]');
    await eventually(() => expect(client.received.at(-1)).toMatch(/^437\[\{"ok":true/));
    expect(client.received.filter((text) => text.startsWith("44/n"))).toHaveLength(2_000);
    expect(node.connectionCount()).toBe(1);
    client.socket.close();
    await untilDisconnected(client);
  });

  it("that connects opens at most one connection, even if it is sent 500 times at once", async () => {
    const { token } = await newGuest(node.url);
    const client = await openRawSocketIo(node.port, null);
    for (let at = 0; at < 500; at += 1) client.socket.send(`40${JSON.stringify({ token })}`);
    await untilDisconnected(client);
    expect(node.connectionCount()).toBeLessThanOrEqual(1);
  });

  it("that asks for an acknowledgement gets one, also if a client sends 2,000 such packets at once", async () => {
    const client = await openRawSocketIo(node.port, connect);
    for (let at = 0; at < 2_000; at += 1)
      client.socket.send(`42${at}["${hostileTexts[at % 10]!.replaceAll('"', "")}"]`.replaceAll("\0", ""));
    await eventually(() =>
      expect(client.received.filter((text) => text.startsWith("43"))).toHaveLength(2_000),
    );
    client.socket.close();
    await untilDisconnected(client);
  });
});

describe("an Engine.IO request", () => {
  const path = "/socket.io/?EIO=4&transport=polling";

  it.each([
    ["another protocol version", "GET /socket.io/?EIO=3&transport=polling", ""],
    ["no transport", "GET /socket.io/?EIO=4", ""],
    ["a transport named `__proto__`", "GET /socket.io/?EIO=4&transport=__proto__", ""],
    ["an unknown session id", `GET ${path}&sid=${"A".repeat(20)}`, ""],
    ["the session id `__proto__`", `GET ${path}&sid=__proto__`, ""],
    ["two session ids", `GET ${path}&sid=a&sid=b`, ""],
    ["packets but no session id", `POST ${path}`, "42[]"],
    ["a JSONP parameter", `GET ${path}&j=0;alert(1)`, ""],
    ["another method", `PUT ${path}`, "x"],
    ["another path", "GET /socket.io/admin?EIO=4&transport=polling", ""],
  ])("with %s gets no server error", async (_what, line, body) => {
    const [response] = await exchange(
      node.port,
      requestText(line, [["content-length", String(body.length)]], body),
    );
    expect(response!.status).toBeLessThan(500);
  });

  it("with a body that is too large or invalid gets no server error", async () => {
    for (const body of ["x".repeat(limits.batchBodyBytes + 1), "9\u001e\u001e\u001e", `42${deep}`]) {
      const [opened] = await exchange(node.port, requestText(`GET ${path}`));
      const { sid } = JSON.parse(opened!.body.slice(opened!.body.indexOf("{")).replace(/\}[^}]*$/, "}"));
      const length = ["content-length", String(body.length)] as const;
      const posted = await exchange(node.port, requestText(`POST ${path}&sid=${sid}`, [length], body));
      expect(posted[0]?.status ?? 400).toBeLessThan(500);
      await Promise.all(
        [0, 1].map(() =>
          exchange(node.port, requestText(`POST ${path}&sid=${sid}`, [["content-length", "1"]], "2")),
        ),
      );
    }
  });

  it("to upgrade an unknown session is refused", async () => {
    const socket = await openSocket(node.port);
    socket.write(
      "GET /socket.io/?EIO=4&transport=websocket&sid=AAAA HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n" +
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    expect(await readToEnd(socket)).toMatch(/^HTTP\/1.1 400/);
  });
});
