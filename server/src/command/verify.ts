import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { version } from "../ops/version.js";
import { baselineClient, baselineTransports } from "../verify/baseline-clients.js";
import { checkHistory, type Report, type Verdict } from "../verify/checker.js";
import { readHistory } from "../verify/history.js";
import { connectServers, type RedisServer } from "../verify/redis-servers.js";
import { junitOf, textOf } from "../verify/report-text.js";
import { restClient } from "../verify/rest-client.js";
import { run } from "../verify/run.js";
import { selfTest } from "../verify/self-test.js";
import { StartedNodes, type Target } from "../verify/started-nodes.js";
import { transports } from "../verify/transports.js";
import { type AddressOptions, addressOf } from "./address.js";
import { table } from "./table.js";
import { UsageError } from "./usage-error.js";

export interface VerifyOptions extends AddressOptions {
  redis?: string | undefined;
  nodes?: string | undefined;
  target?: string | undefined;
  seconds?: string | undefined;
  seed?: string | undefined;
  history?: string | undefined;
  check?: string | undefined;
  junit?: string | undefined;
  "self-test"?: boolean | undefined;
  json?: boolean | undefined;
}

const packageOf = createRequire(import.meta.url);
const versionsOf = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, packageOf(`${name}/package.json`).version as string]));

/** The kinds of nodes that a run can verify, and the clients of each kind. */
const targets = {
  grandstand: {
    name: "nodes of this version",
    versions: (): Record<string, string> => ({ grandstand: version }),
    transports,
    open: restClient,
  },
  socketio: {
    name: "nodes of Socket.IO with @socket.io/redis-adapter and connection state recovery",
    versions: () => versionsOf("socket.io", "@socket.io/redis-adapter"),
    transports: baselineTransports,
    open: baselineClient,
    withoutEffect: ["flush scripts"],
    // If a message has not arrived within this time, Socket.IO never delivers it. Waiting longer is useless.
    catchUpLimitMs: 3_000,
  },
} satisfies Record<Target, object>;

const exitCodes: Record<Verdict, number> = { valid: 0, invalid: 1, unknown: 3 };
const NODES = 2;
const SELF_TEST_SECONDS = 3;

/** @returns the exit code */
export async function verify(options: VerifyOptions): Promise<number> {
  const modes = [options.redis, options.check, options["self-test"]].filter((mode) => mode !== undefined);
  if (modes.length !== 1)
    throw new UsageError("verify needs exactly one of --redis <url>, --check <file> and --self-test");
  const seed = wholeNumber("seed", options.seed, 0) ?? randomBytes(4).readUInt32BE();
  const seconds = wholeNumber("seconds", options.seconds, 1);
  if (options["self-test"]) return testItself(seconds ?? SELF_TEST_SECONDS, seed, options.json === true);
  const file = options.check ?? options.history ?? `grandstand-verify-${Date.now()}.ndjson`;
  if (options.check === undefined) {
    await runOn(options.redis!, {
      nodes: options.nodes,
      target: targetOf(options),
      seconds: seconds ?? 60,
      seed,
      file,
      address: options,
    });
  }
  const { events, sha256 } = await readHistory(file);
  return printReport(checkHistory(events), { sha256, file, ...options });
}

function targetOf({ target = "grandstand", nodes, redis }: VerifyOptions): Target {
  if (!Object.hasOwn(targets, target)) {
    throw new UsageError(`--target must be one of ${Object.keys(targets).join(", ")}`);
  }
  if (target === "socketio" && nodes !== undefined) {
    throw new UsageError("--target socketio starts its own nodes: leave out --nodes");
  }
  if (target === "socketio" && redis?.includes(",")) {
    throw new UsageError("--target socketio does not support a Cluster: give the URL of one server");
  }
  return target as Target;
}

async function runOn(
  redis: string,
  {
    nodes,
    target,
    seconds,
    seed,
    file,
    address,
  }: {
    nodes: string | undefined;
    target: Target;
    seconds: number;
    seed: number;
    file: string;
    address: AddressOptions;
  },
): Promise<void> {
  const servers = await connectServers(redis);
  const { name, versions: ofTarget, ...clients } = targets[target];
  let started: StartedNodes | null = null;
  try {
    if (nodes === undefined) started = await StartedNodes.start(redis, NODES, target);
    const urls = started?.urls ?? nodes!.split(",").map((url) => url.trim().replace(/\/$/, ""));
    const token = started?.key ?? (await addressOf({ ...address, url: urls[0] })).key;
    const place = started
      ? `${NODES} ${name} on ${placeOf(servers)}`
      : `${urls.join(", ")} on ${placeOf(servers)}`;
    const room = `verify-${randomBytes(6).toString("hex")}`;
    const versions = { ...ofTarget(), redis: await versionOf(servers[0]!), node: process.version };
    const system = { target: place, urls, token, room, servers, nodes: started, ...clients };
    const onFault = (name: string, proof: string | null) =>
      console.error(`${name}: ${proof ?? "no proof that it happened"}`);
    await run(system, { seconds, seed, file, versions, onFault });
  } finally {
    await started?.stop();
    if (started) await removeKeys(servers, started.prefix);
    for (const { redis: server } of servers) server.disconnect();
  }
}

async function printReport(
  report: Report,
  {
    sha256,
    file,
    junit,
    json,
  }: { sha256: string; file: string; junit?: string | undefined; json?: boolean | undefined },
): Promise<number> {
  if (junit !== undefined) await writeFile(junit, junitOf(report));
  console.log(
    json ? JSON.stringify({ ...report, history: { file, sha256 } }, null, 2) : textOf(report, sha256),
  );
  if (!json) console.log(`\nCheck this run again with: grandstand verify --check ${file}`);
  return exitCodes[report.verdict];
}

async function testItself(seconds: number, seed: number, isJson: boolean): Promise<number> {
  const results = await selfTest(seconds, seed);
  if (isJson) console.log(JSON.stringify({ seed, results }, null, 2));
  else {
    const rows = results.map(({ defect, verdict, expected, broken }) => [
      defect,
      verdict,
      verdict === expected ? "as expected" : `WRONG: expected ${expected}`,
      broken.join("; "),
    ]);
    console.log(table([["DEFECT", "VERDICT", "", "BROKEN CLAIMS"], ...rows]));
  }
  return results.every(({ verdict, expected }) => verdict === expected) ? 0 : 1;
}

function placeOf(servers: RedisServer[]): string {
  return servers.map(({ address }) => address).join(", ");
}

async function versionOf({ redis }: RedisServer): Promise<string> {
  const info = await redis.info("server");
  return /valkey_version:(\S+)/.exec(info)?.[1] ?? /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown";
}

/** Deletes the keys that the started nodes left in Redis. */
async function removeKeys(servers: RedisServer[], prefix: string): Promise<void> {
  for (const { redis } of servers) {
    for await (const keys of redis.scanStream({ match: `*${prefix}*`, count: 1_000 })) {
      for (const key of keys as string[]) await redis.unlink(key);
    }
  }
}

function wholeNumber(name: string, text: string | undefined, least: number): number | null {
  if (text === undefined) return null;
  const number = Number(text);
  if (text.trim() === "" || !Number.isInteger(number) || number < least) {
    throw new UsageError(`--${name} must be a whole number from ${least}`);
  }
  return number;
}
