import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { Readable } from "node:stream";
import type { Ack } from "@grandstand/shared/frames";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newGuest } from "../../../test/support/accounts.js";
import type { Client } from "../../../test/support/drivers/driver.js";
import { socketIoDriver } from "../../../test/support/drivers/socketio-driver.js";
import { webSocketDriver } from "../../../test/support/drivers/websocket-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../../../test/support/names.js";
import { Dispatcher } from "../../dispatch/dispatcher.js";

let node: TestNode;
let owner: Client;
let board: string;

beforeAll(async () => {
  node = await startTestNode();
  owner = await webSocketDriver.open(node.url, TEST_API_KEY);
});

afterAll(async () => {
  await owner.close();
  await node.close();
});

beforeEach(async () => {
  board = await newBoard();
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function newBoard(rules: object = {}): Promise<string> {
  const name = freshId("board");
  await owner.call("leaderboard.configure", { board: name, ...rules });
  return name;
}

const excel = { "content-type": "application/vnd.ms-excel" };
const ndjson = { "content-type": "application/x-ndjson" };
const csv = { "content-type": "text/csv; charset=utf-8" };

function upload(body: BodyInit, headers: Record<string, string> = ndjson, query = "", into = board) {
  return fetch(`${node.url}/v1/leaderboards/${into}/import${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${TEST_API_KEY}`, ...headers },
    body,
    duplex: "half",
  } as RequestInit);
}

async function reportOf(response: Promise<Response>): Promise<ImportReport> {
  const answered = await response;
  const report = (await answered.json()) as ImportReport;
  expect([answered.status, report]).toEqual([200, expect.any(Object)]);
  return report;
}

function download(query = "", from = board, url = node.url) {
  return fetch(`${url}/v1/leaderboards/${from}/export${query}`, {
    headers: { authorization: `Bearer ${TEST_API_KEY}` },
  });
}

async function exported(query = "", from = board): Promise<string> {
  const response = await download(query, from);
  expect(response.status).toBe(200);
  return response.text();
}

function entry(fields: object = {}): string {
  return JSON.stringify({ member: "ann", score: 1, ...fields });
}

function entries(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, at) => entry({ member: `m${first + at}`, score: -(first + at) }));
}

/** Begins an upload whose body the test writes step by step. */
function beginUpload(): ClientRequest {
  const sending = request(`${node.url}/v1/leaderboards/${board}/import`, {
    method: "POST",
    headers: { authorization: `Bearer ${TEST_API_KEY}`, ...ndjson },
  });
  return sending.on("error", () => {});
}

async function answerTo(sending: ClientRequest): Promise<{ status: number; body: unknown }> {
  const [response] = (await once(sending, "response")) as [IncomingMessage];
  const text = (await response.setEncoding("utf8").toArray()).join("");
  return { status: response.statusCode!, body: JSON.parse(text) };
}

/**
 * Counts the calls that downloads and uploads make.
 * @param meddle runs before each call with its number, from 1; if it returns an ack, the call is not
 * carried out and gets that ack
 */
function watchCalls(meddle: (number: number) => Promise<Ack | undefined> = async () => undefined) {
  const seen = { calls: 0, inFlight: 0, mostInFlight: 0 };
  const dispatch = Dispatcher.prototype.dispatch;
  vi.spyOn(Dispatcher.prototype, "dispatch").mockImplementation(async function (this: Dispatcher, call) {
    if (!/export|import/.test(call.operation)) return dispatch.call(this, call);
    seen.calls += 1;
    seen.inFlight += 1;
    seen.mostInFlight = Math.max(seen.mostInFlight, seen.inFlight);
    const ack = await meddle(seen.calls);
    const reply = ack ? { ack, quotaState: null, sent: () => {} } : await dispatch.call(this, call);
    seen.inFlight -= 1;
    return reply;
  });
  return seen;
}

/** A promise that resolves when `open` is called. */
function gate(): { open: () => void; passed: Promise<void> } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

// biome-ignore lint/suspicious/noExplicitAny: each test knows the shape of its response
function dataOf(ack: Ack): any {
  if (!ack.ok) throw new Error(`the call failed: ${JSON.stringify(ack.error)}`);
  return ack.data;
}

describe("a download", () => {
  it("streams all entries, best first, as an attachment in the requested format", async () => {
    await reportOf(upload(entries(1_234).join("\n")));
    const response = await download("?limit=100");
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${board}.ndjson"`);
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ rank, member }) => [rank, member])).toEqual(
      Array.from({ length: 1_234 }, (_, at) => [at + 1, `m${at}`]),
    );
    const asCsv = await download("?format=csv&window=all&season=all");
    expect(asCsv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(asCsv.headers.get("content-disposition")).toBe(`attachment; filename="${board}-all-all.csv"`);
    expect((await asCsv.text()).trim().split("\n")).toHaveLength(1_235);
  });

  it("T1: has the content that sockets get page by page", async () => {
    await reportOf(upload(entries(25).join("\n")));
    for (const driver of [socketIoDriver, webSocketDriver]) {
      const client = await driver.open(node.url, TEST_API_KEY);
      for (const format of ["ndjson", "csv"]) {
        let content = "";
        let cursor: string | null = null;
        do {
          const input = { board, format, limit: 10, ...(cursor !== null && { cursor }) };
          const page = dataOf(await client.call("leaderboard.export", input));
          content += page.content;
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(await exported(`?format=${format}&limit=4`)).toBe(content);
      }
      await client.close();
    }
  });

  it.each([
    ["not_found", 404, "", "nowhere"],
    ["not_found", 404, "?window=weekly", null],
    ["not_found", 404, "?season=2020-W01", null],
    ["bad_request", 400, "?format=xml", null],
    ["bad_request", 400, "?cursor=never-ours", null],
  ] as const)(
    "T6: gets a problem document if it can't begin: %s, %i, %j",
    async (code, status, query, from) => {
      const response = await download(query, from ?? board);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      expect(response.headers.get("content-disposition")).toBeNull();
      expect(await response.json()).toMatchObject({ code, status });
    },
  );

  it("aborts the connection when a later page can't be read", async () => {
    await reportOf(upload(entries(30).join("\n")));
    const seen = watchCalls(async (number) => {
      if (number === 3) await owner.call("leaderboard.delete", { board });
      return undefined;
    });
    const response = await download("?limit=10");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
    expect(seen.calls).toBe(3);
  });

  it("retries a page that is `unavailable`, a bounded number of times", async () => {
    await reportOf(upload(entries(30).join("\n")));
    const unavailable: Ack = {
      ok: false,
      error: { code: "unavailable", message: "away", retryAfterMs: 1 },
    };
    const seen = watchCalls(async (number) => (number === 2 || number === 3 ? unavailable : undefined));
    expect((await exported("?limit=10")).trim().split("\n")).toHaveLength(30);
    expect(seen.calls).toBe(5);
    vi.restoreAllMocks();
    watchCalls(async (number) => (number > 1 ? unavailable : undefined));
    await expect(exported("?limit=10")).rejects.toThrow("terminated");
  });

  it("reads no further page after the client has disconnected", async () => {
    await reportOf(upload(entries(50).join("\n")));
    const { open, passed } = gate();
    const seen = watchCalls(async (number) => {
      if (number > 3) await passed;
      return undefined;
    });
    const abort = new AbortController();
    const response = await fetch(`${node.url}/v1/leaderboards/${board}/export?limit=1`, {
      headers: { authorization: `Bearer ${TEST_API_KEY}` },
      signal: abort.signal,
    });
    await response.body!.getReader().read();
    await eventually(() => expect(seen.calls).toBe(4));
    abort.abort();
    // The node notices the abort before it replies to a later request.
    await fetch(`${node.url}/health/ready`);
    open();
    await eventually(() => expect(seen.inFlight).toBe(0));
    await fetch(`${node.url}/health/ready`);
    expect(seen.calls).toBe(4);
  });
});

describe("an upload", () => {
  it("LB8: names each refused line by its number in the body and its rule, and imports the other lines", async () => {
    board = await newBoard({ max: 0 });
    const lines = entries(3_000);
    lines[1] = "{";
    lines[999] = entry({ member: "bo", colour: "red" });
    lines[1_000] = entry({ member: "cy", score: 5 });
    lines[2_500] = "x".repeat(70_000);
    lines[2_501] = "";
    lines[2_999] = '{"member":"di","score":NaN}';
    const report = await reportOf(upload(lines.join("\n")));
    expect(report).toMatchObject({ lines: 2_999, imported: 2_994, refused: 5 });
    const shown = report.refusals.map(({ line, member, error }) => [
      line,
      member,
      error.code,
      error.issues?.[0]?.rule,
    ]);
    expect(shown).toEqual([
      [2, null, "bad_request", "format"],
      [1_000, "bo", "bad_request", "unknown"],
      [1_001, "cy", "conflict", "max"],
      [2_501, null, "payload_too_large", undefined],
      [3_000, null, "bad_request", "format"],
    ]);
    expect((await exported()).trim().split("\n")).toHaveLength(2_994);
  });

  it("counts the header of a CSV once in line numbers, also in later parts", async () => {
    const lines = Array.from({ length: 2_500 }, (_, at) => `${at % 1_000 === 500 ? "x" : at},m${at}`);
    const report = await reportOf(upload(["score,member", ...lines].join("\r\n"), csv));
    expect(report).toMatchObject({ lines: 2_500, imported: 2_498, refused: 2 });
    expect(report.refusals.map(({ line, member }) => [line, member])).toEqual([
      [502, "m500"],
      [1_502, "m1500"],
    ]);
  });

  it("reports the first 1,000 refusals, and counts the others", async () => {
    const report = await reportOf(upload("{\n".repeat(2_100)));
    expect(report).toMatchObject({ lines: 2_100, imported: 0, refused: 2_100 });
    expect(report.refusals.map(({ line }) => line)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
  });

  it("T1: gives the same report as a call on a socket, sent as NDJSON, as bytes, as JSON, and byte by byte", async () => {
    const content = [entry({ member: "ж🎯" }), "{", entry({ member: "é", metadata: { a: "ü" } })].join("\n");
    const reports = [];
    for (const driver of [socketIoDriver, webSocketDriver]) {
      const client = await driver.open(node.url, TEST_API_KEY);
      reports.push(dataOf(await client.call("leaderboard.import", { board, content })));
      await client.close();
    }
    reports.push(await reportOf(upload(content)));
    reports.push(await reportOf(upload(content, { "content-type": "application/octet-stream" })));
    reports.push(await reportOf(upload(JSON.stringify({ content }), { "content-type": "application/json" })));
    const sending = beginUpload();
    sending.setNoDelay(true);
    for (const byte of Buffer.from(content)) sending.write(Buffer.from([byte]));
    sending.end();
    reports.push((await answerTo(sending)).body);
    for (const report of reports) expect(report).toEqual(reports[0]);
    expect(await exported()).toContain('"member":"ж🎯"');
  });

  it("takes the format from the query, or else from the media type", async () => {
    const content = "member,score\nann,1";
    const taken = { imported: 1, refused: 0 };
    expect(await reportOf(upload(content, csv))).toMatchObject(taken);
    expect(await reportOf(upload(content, { "content-type": "text/plain" }, "?format=csv"))).toMatchObject(
      taken,
    );
    expect(await reportOf(upload(content, ndjson, "?format=csv"))).toMatchObject(taken);
    expect(await reportOf(upload(entry(), csv, "?format=ndjson"))).toMatchObject(taken);
    expect(await reportOf(upload(content))).toMatchObject({ imported: 0, refused: 2 });
    const withoutType = upload(
      Readable.toWeb(Readable.from([Buffer.from(content)])) as BodyInit,
      {},
      "?format=csv",
    );
    expect(await reportOf(withoutType)).toMatchObject(taken);
  });

  it.each([
    ["not_found", 404, ndjson, "", { board: "nowhere" }],
    ["not_found", 404, ndjson, "?window=weekly", {}],
    ["bad_request", 400, ndjson, "?format=xml", {}],
    ["bad_request", 400, ndjson, "?content=x", {}],
    ["bad_request", 400, { "content-type": "application/x-www-form-urlencoded" }, "", {}],
    ["bad_request", 400, { ...ndjson, "idempotency-key": "k".repeat(201) }, "", {}],
    ["unauthenticated", 401, { ...ndjson, authorization: "Bearer wrong" }, "", {}],
    ["forbidden", 403, ndjson, "", { asUser: true }],
  ] as const)(
    "T6: gets a problem document if it can't begin, also with a body of 5 MB: %s, %i",
    async (code, status, headers, query, more: { board?: string; asUser?: boolean }) => {
      const own = more.asUser ? { authorization: `Bearer ${(await newGuest(node.url)).token}` } : {};
      const body = `${entry({ metadata: { text: "x".repeat(1_000) } })}\n`.repeat(5_000);
      const response = await upload(body, { ...headers, ...own }, query, more.board);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      expect(await response.json()).toMatchObject({ code, status });
    },
  );

  it("refuses a JSON body that is over 1 MiB or contradicts the query", async () => {
    const json = { "content-type": "application/json" };
    const large = JSON.stringify({ content: "x".repeat(1_024 * 1_024) });
    expect(await (await upload(large, json)).json()).toMatchObject({ code: "payload_too_large" });
    const body = JSON.stringify({ format: "csv", content: "member,score\nann,1" });
    expect(await reportOf(upload(body, json, "?format=csv&window=all"))).toMatchObject({ imported: 1 });
    expect(await (await upload(body, json, "?format=ndjson")).json()).toMatchObject({
      code: "bad_request",
      issues: [{ path: "format", rule: "contradiction" }],
    });
  });

  it("stops when a whole part is refused, and reports what was imported before", async () => {
    watchCalls(async (number) => {
      if (number === 4) await owner.call("leaderboard.delete", { board });
      return undefined;
    });
    const sending = beginUpload();
    sending.write(entries(5_000).join("\n"));
    const { status, body } = await answerTo(sending);
    expect([status, body]).toMatchObject([
      404,
      { code: "not_found", detail: "There is no such board. Lines 1 to 2000 had been processed before" },
    ]);
    // The connection stays usable for a client that sends its whole body.
    sending.end(entries(50_000).join("\n"));
    await eventually(() => expect(sending.writableFinished).toBe(true));
    expect(sending.errored).toBeNull();
  });

  it("imports the complete parts of a body that its client aborts", async () => {
    const seen = watchCalls();
    const sending = beginUpload();
    sending.write(`${entries(1_500).join("\n")}\n`);
    await eventually(async () => expect((await exported()).split("\n")).toHaveLength(1_001));
    sending.destroy();
    await eventually(() => expect(seen.inFlight).toBe(0));
    expect((await exported()).split("\n")).toHaveLength(1_001);
  });

  it("T9: a repeat with the same key has no second effect and gets the first answer", async () => {
    board = await newBoard({ max: 0 });
    const lines = entries(2_500);
    lines[2_000] = entry({ score: 1 });
    const headers = { ...ndjson, "idempotency-key": freshId("key") };
    const first = await reportOf(upload(lines.join("\n"), headers));
    await reportOf(
      upload([entry({ member: "m0", score: -9 }), entry({ member: "m2400", score: -9 })].join("\n")),
    );
    const copy = await exported();
    expect(await reportOf(upload(lines.join("\n"), headers))).toEqual(first);
    expect(await exported()).toBe(copy);
    const other = await upload([...lines.slice(0, 1_000), ...entries(2, 5_000)].join("\n"), headers);
    expect(await other.json()).toMatchObject({
      code: "conflict",
      issues: [{ path: "idempotencyKey", rule: "reused" }],
      detail: expect.stringContaining("Lines 1 to 1000 had been processed before"),
    });
    expect(await exported()).toBe(copy);
  });

  it("applies backpressure to a client that sends faster than the parts are imported", async () => {
    const { open, passed } = gate();
    watchCalls(async (number) => {
      if (number > 1) await passed;
      return undefined;
    });
    const sending = beginUpload();
    const answer = answerTo(sending);
    const chunk = `${entry({ metadata: { text: "x".repeat(900) } })}\n`.repeat(100);
    let sent = 0;
    const send = () => {
      while (sent < 64_000_000 && sending.write(chunk)) sent += chunk.length;
    };
    sending.on("drain", send);
    send();
    // Waits until the buffers of two sockets and one stream are full, and nothing more is sent.
    let before = -1;
    await vi.waitFor(
      () => {
        const moved = sent !== before;
        before = sent;
        if (moved) throw new Error("still sending");
      },
      { timeout: 15_000, interval: 250 },
    );
    expect(sent).toBeLessThan(32_000_000);
    sending.off("drain", send);
    open();
    sending.end();
    expect((await answer).status).toBe(200);
  });
});

describe("export and import", () => {
  const rows = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      entry({
        member: `игрок-${at}`,
        score: at % 100,
        subscore: at % 7,
        metadata: { at },
        ...(at % 2 === 0 && { profile: { name: `"Ann", ${at}`, avatar: null } }),
      }),
    );

  it.each([
    ["ndjson", ndjson],
    ["csv", csv],
  ] as const)(
    "a board that is imported from an export of several pages has the same export: %s",
    async (format, headers) => {
      await reportOf(upload(rows(2_500).join("\n")));
      const copy = await newBoard({ operator: "sum" });
      const content = await exported(`?format=${format}`);
      expect(await reportOf(upload(content, headers, "", copy))).toMatchObject({
        imported: 2_500,
        refused: 0,
      });
      expect(await exported(`?format=${format}`, copy)).toBe(content);
      expect(await exported("", copy)).toBe(await exported());
    },
  );

  it("an import accepts a CSV in UTF-16, as spreadsheets on Windows send", async () => {
    const body = Buffer.from("\ufeffsep=;\r\nMember;Score;Colour\r\nzoë;5;red\r\n", "utf16le");
    const report = await reportOf(upload(body, excel, "?unknownColumns=ignore"));
    expect(report).toMatchObject({ imported: 1, refused: 0, ignoredColumns: ["Colour"] });
    expect(await exported("?format=csv&safe=1")).toContain("1,zoë,5,0,");
  });

  it("30,000 entries are imported part by part and exported page by page", async () => {
    const seen = watchCalls();
    const report = await reportOf(upload(rows(30_000).join("\n")));
    expect(report).toEqual({ lines: 30_000, imported: 30_000, refused: 0, refusals: [] });
    expect((await exported("?format=csv")).trim().split("\n")).toHaveLength(30_001);
    expect(seen).toMatchObject({ calls: 1 + 30 + 60, mostInFlight: 1 });
  });
});
