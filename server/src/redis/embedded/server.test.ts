import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it, vi } from "vitest";
import { isAlive } from "../../../test/support/is-alive.js";
import { type EmbeddedRedis, startEmbeddedRedis } from "./server.js";

const quiet = { info() {}, warn() {}, error() {} };

describe("startEmbeddedRedis", () => {
  const cleanups: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function newDataDir(...nested: string[]): Promise<string> {
    const folder = await mkdtemp(join(await realpath(tmpdir()), "grandstand-embedded-"));
    cleanups.push(() => rm(folder, { recursive: true, force: true }));
    return join(folder, ...nested);
  }

  async function start(dataDir: string): Promise<EmbeddedRedis> {
    const embedded = await startEmbeddedRedis({ dataDir, log: quiet });
    cleanups.push(() => embedded.stop());
    return embedded;
  }

  it("keeps its data across a restart, and leaves no process", async () => {
    const dataDir = await newDataDir();
    const first = await start(dataDir);
    await withClient(first, (client) => client.set("best", "4200"));
    await first.stop();
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await start(dataDir);
    expect(await withClient(second, (client) => client.get("best"))).toBe("4200");
  });

  it("persists with an append-only file and snapshots, and never evicts", async () => {
    const embedded = await start(await newDataDir());
    const settings = await withClient(embedded, (client) =>
      client.config(
        "GET",
        "appendonly",
        "aof-use-rdb-preamble",
        "appendfsync",
        "save",
        "maxmemory-policy",
        "lazyfree-lazy-expire",
        "port",
      ),
    );
    expect(Object.fromEntries(pairs(settings as string[]))).toEqual({
      appendonly: "yes",
      "aof-use-rdb-preamble": "yes",
      appendfsync: "everysec",
      save: "900 1 300 10 60 10000",
      "maxmemory-policy": "noeviction",
      "lazyfree-lazy-expire": "yes",
      port: "0",
    });
  });

  it("lets Redis save its data and exit when the server is killed with SIGKILL", async () => {
    const dataDir = await newDataDir();
    const server = spawn(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", serverScript(dataDir)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [line] = await once(createInterface({ input: server.stdout }), "line");
    const { pid, socketPath } = JSON.parse(line) as { pid: number; socketPath: string };
    cleanups.push(async () => isAlive(pid) && process.kill(pid, "SIGKILL"));
    await withClient({ socketPath }, (client) => client.set("best", "4200"));

    server.kill("SIGKILL");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });

    const successor = await start(dataDir);
    expect(await withClient(successor, (client) => client.get("best"))).toBe("4200");
  });

  it("refuses a folder that another server uses, and names the folder", async () => {
    const dataDir = await newDataDir();
    const first = await start(dataDir);
    await expect(startEmbeddedRedis({ dataDir, log: quiet })).rejects.toThrow(
      `Another server uses the data in ${dataDir}`,
    );
    expect(await withClient(first, (client) => client.ping())).toBe("PONG");
  });

  it("lets one of two simultaneous starts have the folder", async () => {
    const dataDir = await newDataDir();
    const starts = await Promise.allSettled([start(dataDir), start(dataDir)]);
    expect(starts.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("restarts a Redis that exited", async () => {
    const embedded = await start(await newDataDir());
    const { pid } = embedded;
    await withClient(embedded, (client) => client.set("best", "4200"));

    process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(embedded.pid).not.toBe(pid), { timeout: 10_000 });
    expect(await withClient(embedded, (client) => client.get("best"))).toBe("4200");
  });

  it("gives up on a Redis that ends six times within a minute, and reports the failure", async () => {
    let killed = 0;
    const failure = await new Promise<Error>((resolve, reject) => {
      const log = { ...quiet, info: () => kill().catch(reject) };
      const starting = newDataDir().then((dataDir) =>
        startEmbeddedRedis({ dataDir, log, onFailure: resolve }),
      );
      const kill = async (): Promise<void> => {
        const embedded = await starting;
        killed += 1;
        process.kill(embedded.pid, "SIGKILL");
      };
      starting.catch(reject);
    });
    expect(failure.message).toMatch(/ended 6 times within a minute/);
    expect(killed).toBe(6);
  });

  it("says why Redis refuses to start", async () => {
    const dataDir = await newDataDir();
    await start(dataDir).then((embedded) => embedded.stop());
    const dataPath = join(dataDir, "redis");
    for (const name of (await readdir(dataPath, { recursive: true })).filter((path) =>
      /\.(aof|rdb)$/.test(path),
    )) {
      await writeFile(join(dataPath, name), "not what Redis wrote");
    }
    await expect(start(dataDir)).rejects.toThrow(
      /did not start: it exited with status 1\n.*(format|signature|AOF|RDB)/is,
    );
  });

  it("puts the socket elsewhere when the path of the folder is too long for a socket, and removes it on stop", async () => {
    const embedded = await start(await newDataDir("a-rather-long-name-for-a-folder".repeat(4)));
    expect(Buffer.byteLength(embedded.socketPath)).toBeLessThan(100);
    expect(await withClient(embedded, (client) => client.ping())).toBe("PONG");
    await embedded.stop();
    const left = await readdir(tmpdir());
    expect(left.filter((name) => embedded.socketPath.endsWith(name))).toEqual([]);
  });

  it("names the ways to get a Redis when there is none", async () => {
    const dataDir = await newDataDir();
    vi.stubEnv("PATH", dataDir);
    cleanups.push(async () => vi.unstubAllEnvs());
    await expect(start(dataDir)).rejects.toThrow(/no redis-server or valkey-server on PATH.*REDIS_URL/);
  });
});

/** The source of a server that starts the embedded Redis, prints its pid and socket, and keeps running. */
function serverScript(dataDir: string): string {
  const module = new URL("./server.ts", import.meta.url).href;
  return `
    import { startEmbeddedRedis } from ${JSON.stringify(module)};
    const log = { info() {}, warn() {}, error() {} };
    const { pid, socketPath } = await startEmbeddedRedis({ dataDir: ${JSON.stringify(dataDir)}, log });
    console.log(JSON.stringify({ pid, socketPath }));
    setInterval(() => {}, 60_000);
  `;
}

async function withClient<T>(
  { socketPath }: { socketPath: string },
  use: (client: Redis) => Promise<T>,
): Promise<T> {
  const client = new Redis({ path: socketPath });
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

function* pairs(flat: string[]): Generator<[string, string]> {
  for (let index = 0; index + 1 < flat.length; index += 2) yield [flat[index]!, flat[index + 1]!];
}
