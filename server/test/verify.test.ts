import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkHistory } from "../src/verify/checker.js";
import { type HistoryEvent, readHistory } from "../src/verify/history.js";
import { RestartableRedis } from "./support/chaos/restartable-redis.js";
import { startCluster } from "./support/redis/cluster.js";

const command = fileURLToPath(new URL("../dist/command/main.js", import.meta.url));
/** A longer run covers more faults: `VERIFY_SECONDS=120 npx vitest run verify.test`. */
const SECONDS = process.env.VERIFY_SECONDS ?? "3";

let folder: string;
let redis: RestartableRedis;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grandstand-verify-"));
  redis = await RestartableRedis.start();
});

afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true });
});

function verify(args: string[]) {
  return new Promise<{ exitCode: number; output: string; errors: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH }, maxBuffer: 2 ** 26 };
    const child = execFile(process.execPath, [command, "verify", ...args], options, (_, output, errors) => {
      resolve({ exitCode: child.exitCode ?? -1, output, errors });
    });
  });
}

it("OP11: `grandstand verify` breaks a system and accounts for every message, and the run's history can be checked again", {
  timeout: 240_000 + 1_000 * Number(SECONDS),
}, async () => {
  const [history, junit] = [join(folder, "history"), join(folder, "junit.xml")];
  const args = ["--redis", redis.url, "--seconds", SECONDS, "--seed", "7", "--history", history];
  const { exitCode, output, errors } = await verify([...args, "--junit", junit, "--json"]);
  expect(exitCode, errors + output).toBe(0);
  const report = JSON.parse(output);
  expect(report).toMatchObject({
    verdict: "valid",
    facts: { seed: 7, versions: { redis: expect.any(String) } },
  });
  expect(Object.values(report.facts.persistence)).toMatchObject([{ appendonly: "yes" }]);
  expect(report.acknowledged).toBeGreaterThan(0);
  expect(report.timeline.length).toBeGreaterThan(0);
  for (const { proof } of report.timeline) expect(proof).toEqual(expect.any(String));
  expect(await readFile(junit, "utf8")).toMatch(/tests="7" failures="0"/);
  // The nodes of the run left nothing in Redis.
  expect(await redis.client.keys("*verify-*")).toEqual([]);

  const again = await verify(["--check", history, "--json"]);
  expect(again).toMatchObject({ exitCode: 0, output });
  const text = await readFile(history, "utf8");
  await writeFile(history, text.replace('"offset":3', '"offset":4'));
  expect(await verify(["--check", history])).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("was changed"),
  });
  await writeFile(history, text.slice(0, text.length / 2));
  expect(await verify(["--check", history])).toMatchObject({
    exitCode: 1,
    errors: expect.stringContaining("no whole history"),
  });

  await writeFile(history, text);
  const { events } = await readHistory(history);
  const change = (kind: HistoryEvent["kind"], to: object | null) =>
    checkHistory(
      events.flatMap((event) =>
        event.kind !== kind ? [event] : to === null ? [] : [{ ...event, ...to } as HistoryEvent],
      ),
    );
  // A history proves nothing without an acknowledged message, without a fault, or if the fault had no effect.
  expect(change("ack", null).verdict).toBe("unknown");
  expect(change("fault", null).verdict).toBe("unknown");
  expect(change("fault", { proof: null }).verdict).toBe("unknown");
  // A history is invalid if readers miss all pushed messages, or if a call ends with an unexpected error.
  expect(change("push", null).verdict).toBe("invalid");
  const internal = { kind: "failed", at: 0, writer: "w0", text: "w0-1", code: "internal" } as const;
  expect(checkHistory([...events, internal]).verdict).toBe("invalid");
});

// A run of a minute contains each kind of fault.
it.runIf(Number(SECONDS) >= 60)(
  "OP11: `grandstand verify` passes on a Cluster of three servers, and pauses Redis during the run",
  {
    timeout: 240_000 + 1_000 * Number(SECONDS),
  },
  async ({ onTestFinished }) => {
    const cluster = await startCluster();
    onTestFinished(() => cluster.close());
    const args = ["--redis", cluster.url, "--seconds", SECONDS, "--seed", "7"];
    const outcome = await verify([...args, "--history", join(folder, "cluster"), "--json"]);
    expect(outcome.exitCode, outcome.errors + outcome.output).toBe(0);
    const report = JSON.parse(outcome.output);
    expect(Object.keys(report.facts.persistence)).toHaveLength(3);
    expect(new Set(report.timeline.map(({ name }: { name: string }) => name))).toContain("pause redis");
  },
);

it("OP11: `grandstand verify --target socketio` accounts for the messages of a room on plain Socket.IO", {
  timeout: 120_000 + 1_000 * Number(SECONDS),
}, async () => {
  const history = join(folder, "socketio");
  const args = ["--redis", redis.url, "--target", "socketio", "--seconds", SECONDS, "--seed", "7"];
  const { exitCode, output, errors } = await verify([...args, "--history", history, "--json"]);
  const report = JSON.parse(output);
  expect(exitCode, errors).toBe({ valid: 0, invalid: 1 }[report.verdict as string]);
  expect(report.facts).toMatchObject({
    target: expect.stringContaining("@socket.io/redis-adapter"),
    versions: { "socket.io": expect.any(String), "@socket.io/redis-adapter": expect.any(String) },
  });
  expect(report.acknowledged).toBeGreaterThan(0);
  // Messages may get lost on the way to readers, but all acknowledged messages are in the list in Redis.
  expect(report.lost).toEqual([]);
  expect(report.timeline.length).toBeGreaterThan(0);
  for (const { proof } of report.timeline) expect(proof).toEqual(expect.any(String));
  expect(await redis.client.keys("*verify-*")).toEqual([]);
  expect((await verify(["--check", history, "--json"])).output).toBe(output);
});

it("OP11: `grandstand verify --self-test` detects the fault of each broken server", {
  timeout: 150_000,
}, async () => {
  const { exitCode, output, errors } = await verify(["--self-test", "--seed", "3", "--json"]);
  const { results } = JSON.parse(output) as {
    results: { defect: string; verdict: string; broken: string[] }[];
  };
  expect(Object.fromEntries(results.map(({ defect, verdict }) => [defect, verdict])), errors).toEqual({
    none: "valid",
    drops: "invalid",
    duplicates: "invalid",
    reorders: "invalid",
    "claims recovered": "invalid",
    refuses: "unknown",
  });
  const brokenBy = (defect: string) => results.find((result) => result.defect === defect)!.broken;
  expect(brokenBy("drops")).toContain("no message is lost without notice");
  expect(brokenBy("duplicates")).toContain("no message is duplicated");
  for (const defect of ["reorders", "claims recovered"]) {
    expect(brokenBy(defect)).toContain("all readers saw one order, and no recovery was false");
  }
  expect(exitCode).toBe(0);
});

it("OP11: a wrong command line is refused, and a Redis that can't be reached is named", {
  timeout: 60_000,
}, async () => {
  const wrong = [
    [],
    ["--redis", "redis://a", "--self-test"],
    ["--self-test", "--seconds", "0"],
    ["--self-test", "--seed", "x"],
    ["--redis", "redis://a", "--target", "other"],
    ["--redis", "redis://a", "--target", "socketio", "--nodes", "http://b"],
  ];
  const outcomes = await Promise.all(wrong.map(verify));
  expect(outcomes.map(({ exitCode }) => exitCode)).toEqual(wrong.map(() => 2));
  const away = await verify(["--redis", "redis://127.0.0.1:9"]);
  expect(away).toMatchObject({ exitCode: 1, errors: expect.stringContaining("127.0.0.1:9") });
});
