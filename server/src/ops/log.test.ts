import { Writable } from "node:stream";
import { ReplyError } from "ioredis";
import { beforeEach, expect, inject, it } from "vitest";
import { openSocketIo } from "../../test/support/drivers/socketio-driver.js";
import { startTestNode } from "../../test/support/in-process-node.js";
import { readMetrics } from "../../test/support/metrics.js";
import { TEST_API_KEY } from "../../test/support/names.js";
import { createLog } from "./log.js";

let lines: string[];

beforeEach(() => {
  lines = [];
});

function newLog(level = "info") {
  const sink = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  return createLog({ level, isPretty: false }, sink);
}

it("redacts secrets in logged objects, and leaves out the arguments of Redis commands", () => {
  const log = newLog();
  log.info({ token: "s3cret", headers: { authorization: "Bearer s3cret", "x-api-key": "s3cret" } }, "one");
  log.info({ input: { token: "s3cret", password: "s3cret" } }, "two");
  const error = Object.assign(new ReplyError("WRONGTYPE"), { command: { name: "auth", args: ["s3cret"] } });
  log.error({ err: error }, "three");
  expect(lines).toHaveLength(3);
  expect(lines.join("")).not.toContain("s3cret");
  expect(lines[2]).toContain("WRONGTYPE");
});

it("logs only the type, message, code, stack and causes of an error, and the same of each cause", () => {
  const inner = Object.assign(new Error("inner"), { previousErrors: [{ command: { args: ["s3cret"] } }] });
  const outer = Object.assign(new Error("outer", { cause: inner }), { input: "s3cret", code: "E_TEST" });
  newLog().error({ err: Object.assign(new AggregateError([inner], "all"), { cause: outer }) }, "failed");
  expect(lines.join("")).not.toContain("s3cret");
  const { err } = JSON.parse(lines[0]!);
  expect(err).toMatchObject({ message: "all", cause: { code: "E_TEST", cause: { message: "inner" } } });
});

it("OP3: logs errors of an outage at debug, whatever level the code chose", () => {
  const error = new ReplyError("OOM command not allowed when used memory > 'maxmemory'.");
  newLog().warn({ err: error }, "a job failed");
  expect(lines).toEqual([]);
  newLog("debug").warn({ err: error }, "a job failed");
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 20, msg: "a job failed" });
});

it("OP1: each log line of a node has the node's id, as in its welcome message and its metrics", async () => {
  const sink = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  const node = await startTestNode(
    {},
    inject("redisUrl"),
    {},
    createLog({ level: "debug", isPretty: false }, sink),
  );
  const client = await openSocketIo(node.url, TEST_API_KEY);
  const { nodeId } = client.welcome;
  const { value } = await readMetrics(node.metricsUrl!);
  expect(value("grandstand_node_info", { node: nodeId })).toBe(1);
  await client.close();
  await node.close();
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(JSON.parse(line).node).toBe(nodeId);
});
