import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { limits } from "@grandstand/shared/limits";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AttackedNode, startAttackedNode } from "../support/attacks/attacked-node.js";
import {
  exchange,
  openSocket,
  type RawResponse,
  readToEnd,
  requestText,
  untilClosed,
} from "../support/attacks/raw-http.js";
import { violationInProblem } from "../support/attacks/reply-checks.js";
import { eventually } from "../support/eventually.js";
import { expectWithin } from "../support/expect-within.js";
import { freshId, TEST_API_KEY } from "../support/names.js";

let node: AttackedNode;

beforeAll(async () => {
  node = await startAttackedNode();
});

afterAll(() => node.close());

/** After each test the node serves requests and has logged no error. */
afterEach(async () => {
  const [served] = await exchange(node.port, requestText("GET /v1/leaderboards", [key]));
  expect(served!.status).toBe(200);
  expect(node.loggedErrors).toEqual([]);
});

type Header = readonly [name: string, value: string];

const key: Header = ["authorization", `Bearer ${TEST_API_KEY}`];
const json: Header = ["content-type", "application/json"];

/** Sends a request with a body and the API key. */
async function send(line: string, body: string | Buffer, headers: Header[] = [json]): Promise<RawResponse> {
  const length: Header = ["content-length", String(Buffer.byteLength(body))];
  const [response] = await exchange(node.port, requestText(line, [key, ...headers, length]), body);
  return response!;
}

function expectProblem({ status, headers, body }: RawResponse, code: string): void {
  expect(violationInProblem(status, headers["content-type"] ?? "", body)).toBeNull();
  expect(JSON.parse(body)).toMatchObject({ code });
}

const configure = () => `PUT /v1/leaderboards/${freshId("board")}`;

describe("AU6: a body", () => {
  /** A JSON object of exactly `bytes` bytes: one long field. */
  const bodyOf = (bytes: number, begin: string, end: string) =>
    `${begin}${"x".repeat(bytes - begin.length - end.length)}${end}`;

  it.each([
    ["of a single write", "PUT /v1/counters/c/value", limits.bodyBytes],
    ["of a batch", "POST /v1/leaderboards/b/scores/batch", limits.batchBodyBytes],
    ["of a lookup", "POST /v1/leaderboards/b/entries/lookup", limits.batchBodyBytes],
    ["of a JSON import", "POST /v1/leaderboards/b/import", limits.batchBodyBytes],
  ])("%s is parsed up to its limit; one byte more is `payload_too_large`", async (_what, line, bytes) => {
    expectProblem(await send(line, bodyOf(bytes, '{"x":"', '"}')), "bad_request");
    expectProblem(await send(line, bodyOf(bytes + 1, '{"x":"', '"}')), "payload_too_large");
  });

  it("in endless chunks is refused once it exceeds its limit", async () => {
    const socket = await openSocket(node.port);
    socket.write(requestText("PUT /v1/counters/c/value", [key, json, ["transfer-encoding", "chunked"]]));
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const sending = setInterval(() => socket.write(chunk), 1);
    const received = await readToEnd(socket);
    clearInterval(sending);
    expect(received).toMatch(/^HTTP\/1.1 413 [\s\S]*"code":"payload_too_large"/);
  });

  it.each([33, 500, 30_000])("%i levels deep is `bad_request`", async (levels) => {
    const deep = "[".repeat(levels - 1) + "]".repeat(levels - 1);
    expectProblem(await send(configure(), `{"order":${deep}}`), "bad_request");
  });

  it("400,000 levels deep is `bad_request` on routes that accept bodies of that size", async () => {
    const deep = "[".repeat(400_000) + "]".repeat(400_000);
    for (const route of ["scores/batch", "entries/lookup", "import"]) {
      expectProblem(await send(`POST /v1/leaderboards/b/${route}`, `{"x":${deep}}`), "bad_request");
    }
  });

  it("with `__proto__` or `constructor` changes no prototype and no other field", async () => {
    const body = '{"__proto__":{"submit":"member"},"constructor":{"prototype":{"isAdmin":true}}}';
    expectProblem(await send(configure(), body), "bad_request");
    const configured = await send(configure(), '{"__proto__":{"submit":"member"}}');
    expect(JSON.parse(configured.body)).toMatchObject({ submit: "server" });
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it.each([
    ["a string", '"x"'],
    ["null", "null"],
    ["an array", "[{}]"],
    ["a number", "1e999"],
    ["two values", "{}{}"],
    ["a comment", "{/**/}"],
    ["NaN", '{"min":NaN}'],
    ["a NUL", "{}\0"],
    ["half an object", '{"order":"desc"'],
    ["an infinite number", '{"max":1e999}'],
  ])("that is or contains %s is `bad_request`", async (_what, body) => {
    expectProblem(await send(configure(), body), "bad_request");
  });

  it("that is not UTF-8 is `bad_request`, because two member ids could decode to the same text", async () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      const member = Buffer.from(bytes);
      const body = Buffer.concat([Buffer.from('{"score":1,"member":"'), member, Buffer.from('"}')]);
      const refused = await send("POST /v1/leaderboards/b/scores", body);
      expectProblem(refused, "bad_request");
      expect(JSON.parse(refused.body).issues).toEqual([
        { path: "", rule: "encoding", message: "must be UTF-8" },
      ]);
    }
  });

  it("with a duplicate field takes the last value, as JSON.parse does", async () => {
    const configured = await send(configure(), '{"order":"up","order":"asc"}');
    expect(JSON.parse(configured.body)).toMatchObject({ order: "asc" });
  });

  it.each([
    ["text/plain", "{}"],
    ["application/x-www-form-urlencoded", "order=asc"],
    ["multipart/form-data; boundary=x", "--x--"],
    ["application/xml", "<a/>"],
    ["application/jsonx", "{}"],
    ["*/*", "{}"],
    ["", "{}"],
    ["application/json, text/plain", "{}"],
  ])("with the Content-Type `%s` is `bad_request`", async (type, body) => {
    expectProblem(await send(configure(), body, [["content-type", type]]), "bad_request");
  });

  it("that is compressed is refused with 415", async () => {
    const body = gzipSync('{"order":"asc"}');
    const response = await send(configure(), body, [json, ["content-encoding", "gzip"]]);
    expect(response.status).toBe(415);
    expect(JSON.parse(response.body)).toMatchObject({ code: "bad_request" });
  });

  it("that ends early is refused or dropped, and logs no error", async () => {
    const half = requestText(configure(), [key, json, ["content-length", "50"]], '{"order":');
    const ended = await openSocket(node.port);
    ended.end(half);
    expect(await readToEnd(ended)).toMatch(/^(HTTP\/1.1 400 |$)/);
    const reset = await openSocket(node.port);
    reset.write(half);
    // The node reads requests in order of arrival. So once a later request has its response, the node has read the
    // incomplete one.
    await exchange(node.port, requestText("GET /health/live"));
    reset.destroy();
    await untilClosed(reset);
    const upload = await openSocket(node.port);
    upload.write(
      requestText("POST /v1/leaderboards/b/import", [key, ["content-length", "50"]], '{"member":'),
    );
    upload.resetAndDestroy();
  });
});

describe("request smuggling", () => {
  const secondRequest = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";

  it.each<[string, Header[], string]>([
    [
      "both a length and chunks",
      [
        ["content-length", "5"],
        ["transfer-encoding", "chunked"],
      ],
      `0\r\n\r\n${secondRequest}`,
    ],
    [
      "two lengths",
      [
        ["content-length", "2"],
        ["content-length", "40"],
      ],
      `{}${secondRequest}`,
    ],
    ["a list of lengths", [["content-length", "2, 40"]], `{}${secondRequest}`],
    ["a length with a sign", [["content-length", "+2"]], `{}${secondRequest}`],
    ["a length that is not a number", [["content-length", "0x2"]], `{}${secondRequest}`],
    ["an unknown transfer coding", [["transfer-encoding", "xchunked"]], `0\r\n\r\n${secondRequest}`],
    ["a coding after chunked", [["transfer-encoding", "chunked, identity"]], `0\r\n\r\n${secondRequest}`],
    ["a blank before the colon", [["content-length ", "2"]], `{}${secondRequest}`],
    [
      "a folded header",
      [
        ["x", "1\r\n content-length: 40"],
        ["content-length", "2"],
      ],
      `{}${secondRequest}`,
    ],
    ["a bare line feed in a header", [["x", "1\ntransfer-encoding: chunked"]], `0\r\n\r\n${secondRequest}`],
    ["a chunk of a wrong length", [["transfer-encoding", "chunked"]], `1\r\n{}\r\n0\r\n\r\n${secondRequest}`],
    [
      "a chunk of a huge length",
      [["transfer-encoding", "chunked"]],
      `ffffffffffffffffff\r\n{}\r\n${secondRequest}`,
    ],
  ])("%s is refused, and the bytes that follow are not served as a request", async (_what, headers, rest) => {
    const text = requestText(configure(), [key, json, ...headers]).replace("connection: close\r\n", "");
    const responses = await exchange(node.port, text + rest);
    expect(responses.map(({ status }) => status)).toEqual([400]);
  });
});

describe("a request", () => {
  it.each([
    ["a long query", () => requestText(`GET /v1/leaderboards?limit=${"1".repeat(70_000)}`, [key])],
    ["a long path", () => requestText(`GET /v1/leaderboards/${"a".repeat(9_000)}`, [key])],
    ["a long header", () => requestText("GET /v1/leaderboards", [key, ["x", "a".repeat(70_000)]])],
    [
      "many headers",
      () =>
        requestText("GET /v1/leaderboards", [
          key,
          ...Array.from({ length: 10_000 }, (): Header => ["x", "1"]),
        ]),
    ],
    ["a Redis command instead of HTTP", () => "*1\r\n$8\r\nFLUSHALL\r\n\r\n"],
    ["an unknown HTTP version", () => "GET /v1/leaderboards HTTP/3.0\r\n\r\n"],
    ["a TLS handshake", () => Buffer.from("16030100c8010000c40303", "hex")],
    ["an HTTP/2 preface", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["an unknown method", () => requestText("FLUSH /v1/leaderboards", [key])],
    ["a NUL in a header", () => requestText("GET /v1/leaderboards", [key, ["x", "a\0b"]])],
    ["a path that can't be decoded", () => requestText("GET /v1/leaderboards/%ff", [key])],
    ["encoded slashes", () => requestText("GET /v1/leaderboards/..%2f..%2fetc", [key])],
    ["an encoded NUL", () => requestText("GET /v1/leaderboards/a%00", [key])],
  ])("with %s is refused with 4xx", async (_what, text) => {
    const [response] = await exchange(node.port, text());
    expect(response!.status).toBeGreaterThanOrEqual(400);
    expect(response!.status).toBeLessThan(500);
  });

  it.each(["CONNECT x:443", "CONNECT /v1/ws", "TRACE /v1/leaderboards", "GET *"])(
    "%s is refused",
    async (line) => {
      const [response] = await exchange(node.port, requestText(line, [key]));
      // On CONNECT the node closes the connection and sends no response.
      expect(response?.status ?? 400).toBeGreaterThanOrEqual(400);
    },
  );

  it("with a query field `constructor` or `toString` is refused, and a query field `__proto__` is ignored", async () => {
    const query = "limit=1&__proto__=a&__proto__=b&constructor=x&toString=y";
    const [response] = await exchange(node.port, requestText(`GET /v1/leaderboards?${query}`, [key]));
    expectProblem(response!, "bad_request");
    const paths = JSON.parse(response!.body).issues.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(["constructor", "toString"]);
  });

  it("that arrives slowly delays no other request, and ends when the node closes", async () => {
    const other = await startAttackedNode();
    const partialRequests = ["", "GET /v1/lead", requestText("GET /").slice(0, -2)];
    const slow = await Promise.all(
      Array.from({ length: 200 }, async (_, at) => {
        const socket = await openSocket(other.port);
        socket.write(partialRequests[at % partialRequests.length]!);
        return socket;
      }),
    );
    const startedAt = performance.now();
    const [served] = await exchange(other.port, requestText("GET /v1/leaderboards", [key]));
    expect(served!.status).toBe(200);
    expectWithin(10_000, startedAt);
    const closed = slow.map(untilClosed);
    await other.close();
    await Promise.all(closed);
  });

  it("in a pipeline waits while the client reads no responses", async () => {
    const socket = await openSocket(node.port);
    socket.pause();
    const pipelined = requestText("GET /openapi.json").replace("connection: close\r\n", "").repeat(10_000);
    // The node stops reading, so the bytes stay in the client's buffer.
    await eventually(() => {
      socket.write(pipelined);
      expect(socket.writableLength).toBeGreaterThan(2_000_000);
    });
    socket.destroy();
  });
});

describe("OP2: a node that closes", () => {
  it.each([
    ["an upgrade to a WebSocket", "GET /v1/ws", 503],
    ["an upgrade with another method", "OPTIONS /v1/ws", 204],
  ])(
    "answers %s whose request is complete only after the closing began, and still closes",
    async (_what, line, status) => {
      const other = await startAttackedNode();
      const socket = await openSocket(other.port);
      const upgrade =
        `${line} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
      // The first request has its response, and the second is incomplete when the node starts to close.
      socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
      await once(socket, "data");
      socket.write(upgrade);
      const received = readToEnd(socket);
      // The node reads requests in order of arrival. So once a later request has its response, the node has read the
      // incomplete one.
      await exchange(other.port, requestText("GET /health/live"));
      const closing = other.close();
      await eventually(async () => {
        await expect(fetch(`${other.url}/health/live`)).rejects.toThrow();
      });
      socket.write("\r\n");
      expect(await received).toMatch(new RegExp(`HTTP/1.1 ${status} `));
      await closing;
    },
  );
});

describe("the folder of static files", () => {
  it.each([
    "/../secret",
    "/..%2fsecret",
    "/%2e%2e/secret",
    "/%2e%2e%2fsecret",
    "/..%5csecret",
    "/assets/../../secret",
    "/assets/..%2f..%2fsecret",
    "//secret",
    "/.%00./secret",
    "/%252e%252e%252fsecret",
    "/file:///etc/passwd",
  ])("can't be escaped with %s", async (path) => {
    const folder = await mkdtemp(join(tmpdir(), "grandstand-page-"));
    const webDir = join(folder, "web");
    await mkdir(join(webDir, "assets"), { recursive: true });
    await Promise.all([
      writeFile(join(folder, "secret"), "the planted content"),
      writeFile(join(webDir, "index.html"), "page"),
    ]);
    const other = await startAttackedNode({ GRANDSTAND_WEB: webDir });
    const [response] = await exchange(other.port, requestText(`GET ${path}`));
    expect(response!.status).toBeGreaterThanOrEqual(400);
    expect(response!.status).toBeLessThan(500);
    for (const content of ["root:", "the planted content"]) expect(response!.body).not.toContain(content);
    expect(other.loggedErrors).toEqual([]);
    await other.close();
    await rm(folder, { recursive: true });
  });
});
