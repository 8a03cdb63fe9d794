import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RestartableRedis } from "./support/chaos/restartable-redis.js";
import { startTestNode } from "./support/in-process-node.js";

const command = fileURLToPath(new URL("../bin/grandstand.mjs", import.meta.url));
const secrets = {
  NODE_ENV: "production",
  GRANDSTAND_API_KEYS: "game:2b7e151628aed2a6abf7158809cf4f3c",
  GRANDSTAND_TOKEN_SECRET: "a secret of 32 bytes or somewhat more",
};

let redis: RestartableRedis;

beforeAll(async () => {
  redis = await RestartableRedis.start();
});

afterAll(() => redis.stop());

/** Runs `grandstand`. */
function grandstand(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ exitCode: number; output: string; errors: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...secrets, ...env } };
    const child = execFile(process.execPath, [command, ...args], options, (_, output, errors) => {
      resolve({ exitCode: child.exitCode ?? -1, output, errors });
    });
  });
}

interface Printed {
  findings: { name: string; verdict: string; found: string; remedy: string | null }[];
}

it("OP10: `grandstand check` names each problem of Redis with its remedy, and fails if one of them is a fault", async () => {
  const env = { REDIS_URL: redis.url };
  const good = await grandstand(["check"], env);
  expect(good).toMatchObject({ exitCode: 0, errors: "" });
  expect(good.output).not.toMatch(/FAULT|warning/);

  await redis.client.config("SET", "maxmemory-policy", "allkeys-lru");
  await redis.client.config("SET", "appendonly", "no");
  const { exitCode, output } = await grandstand(["check", "--json"], env);
  const { findings } = JSON.parse(output) as Printed;
  expect(exitCode).toBe(1);
  const verdicts = Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict]));
  expect(verdicts).toEqual({
    settings: "ok",
    version: "ok",
    eviction: "fault",
    persistence: "warning",
    connections: "ok",
    scripts: "ok",
    permissions: "ok",
    clock: "ok",
  });
  for (const { verdict, remedy } of findings) expect(remedy === null).toBe(verdict === "ok");

  const allowed = await grandstand(["check"], { ...env, GRANDSTAND_ALLOW_EVICTION: "allkeys-lru" });
  expect(allowed.exitCode).toBe(0);
  expect(allowed.output).toContain("GRANDSTAND_ALLOW_EVICTION");
});

it("OP10: `grandstand check` warns when few connections are free, and says how many a node needs", async () => {
  await redis.client.config("SET", "maxclients", "20");
  const { output } = await grandstand(["check", "--json"], { REDIS_URL: redis.url });
  await redis.client.config("SET", "maxclients", "10000");
  expect((JSON.parse(output) as Printed).findings).toContainEqual({
    name: "connections",
    verdict: "warning",
    found: expect.stringMatching(/^\d+ of 20 in use$/),
    remedy: expect.stringContaining("A node needs 4 connections"),
  });
});

it("OP10: `grandstand check` reports a fault with a remedy if the Redis user lacks a permission", async () => {
  const rights: [...string[]][] = [
    ["-eval", "scripts"],
    ["-set", "permissions"],
    ["-publish", "permissions"],
  ];
  for (const [rule, name] of rights as [string, string][]) {
    await redis.client.acl("SETUSER", "app", "reset", "on", ">secret", "~*", "&*", "+@all", rule);
    const REDIS_URL = redis.url.replace("unix://", "unix://app:secret@");
    const { exitCode, output } = await grandstand(["check", "--json"], { REDIS_URL, NODE_ENV: "" });
    const faults = (JSON.parse(output) as Printed).findings.filter(({ verdict }) => verdict === "fault");
    expect(exitCode).toBe(1);
    expect(faults.map((fault) => fault.name)).toContain(name);
    for (const { remedy } of faults) expect(remedy).not.toBeNull();
  }
});

it("OP10: `grandstand check` reports wrong settings, a Redis that can't be reached, and a wrong command line", async () => {
  const wrong = await grandstand(["check"], { PORT: "eighty" });
  expect(wrong).toMatchObject({
    exitCode: 1,
    output: expect.stringMatching(/FAULT .*settings: [\s\S]*PORT/),
  });
  const away = await grandstand(["check"], { REDIS_URL: "redis://127.0.0.1:9" });
  expect(away).toMatchObject({
    exitCode: 1,
    output: expect.stringMatching(/FAULT .*redis: .*127\.0\.0\.1:9/),
  });
  for (const args of [[], ["chek"], ["check", "redis"], ["check", "--jsn"]]) {
    expect((await grandstand(args)).exitCode, args.join(" ")).toBe(2);
  }
  expect(await grandstand(["--help"])).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining("grandstand <command>"),
  });
});

it("OP10: a node in production does not start on a Redis that evicts keys, unless a setting allows it", async () => {
  await redis.client.config("SET", "maxmemory-policy", "volatile-lru");
  const start = (env: object) => startTestNode({ ...secrets, GRANDSTAND_GUESTS: "", ...env }, redis.url);
  await expect(start({})).rejects.toThrow(/eviction: volatile-lru.*noeviction/);
  await expect(start({ GRANDSTAND_ALLOW_EVICTION: "allkeys-lru" })).rejects.toThrow(/eviction/);
  for (const env of [{ GRANDSTAND_ALLOW_EVICTION: "volatile-lru" }, { NODE_ENV: "" }]) {
    await (await start(env)).close();
  }
});
