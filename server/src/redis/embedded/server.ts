import { createHash } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { mkdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { probeRedis } from "./probe.js";
import { type EmbeddedPaths, type RedisProcess, startRedisProcess } from "./process.js";
import { withStartLock } from "./start-lock.js";

/** The part of a pino logger that is used here. */
export interface EmbeddedLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface EmbeddedRedisOptions {
  /** The data folder, created when missing. One embedded Redis at a time can use it. */
  readonly dataDir: string;
  readonly log: EmbeddedLog;
  /** Called once, when Redis has exited too often and is not restarted any more. */
  readonly onFailure?: (error: Error) => void;
}

/**
 * A private Redis of this process. Only the operating-system user of this process has access. The data of Redis is on disk.
 * Redis stops when this process ends.
 */
export interface EmbeddedRedis {
  /** Its unix socket, the same after a restart. */
  readonly socketPath: string;
  /** The process id of the current redis-server; it changes with a restart. */
  readonly pid: number;
  /** Saves the data and stops Redis. Resolves when Redis has exited. May be called again. */
  stop(): Promise<void>;
}

const programs = ["redis-server", "valkey-server"];

/** The path of a unix socket has at most 104 bytes on macOS and 108 on Linux. */
const SOCKET_PATH_LIMIT_BYTES = 100;

/**
 * How long to wait if a Redis answers on the socket. A Redis whose parent process was killed a moment ago exits within this
 * time. A Redis that still answers after this time belongs to another process, which uses the folder.
 */
const ANSWERING_WAIT_MS = 3_000;
/**
 * How long to wait if a Redis listens on the socket but does not answer. Such a Redis saves its data before it exits. If that
 * takes too long, the supervisor (process.ts) kills Redis 30 s after the end of the process that started Redis.
 */
const SILENT_WAIT_MS = 35_000;
const POLL_EVERY_MS = 100;

const RESTART_LIMIT = 5;
const RESTART_WINDOW_MS = 60_000;

/**
 * Starts a private Redis with its data under `dataDir`, and restarts it when it exits. At the sixth exit or failed restart
 * within a minute it gives up and calls `onFailure`. Redis ends at most 30 s after this process.
 * @throws {Error} when there is no redis-server or valkey-server on PATH, when another Redis uses `dataDir`, or when Redis
 * refuses to start
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const { log, onFailure } = options;
  const program = findRedisProgram();
  const { dataDir, ...paths } = await preparePaths(options.dataDir);

  const launch = (): Promise<RedisProcess> =>
    withStartLock(join(dataDir, "redis.starting"), async () => {
      await untilFree(paths.socketPath, dataDir);
      return startRedisProcess(program, paths);
    });

  let current = await launch();
  let isStopping = false;
  log.info({ pid: current.pid, socketPath: paths.socketPath }, "embedded Redis started");

  const supervise = async (): Promise<void> => {
    const endings: number[] = [];
    for (;;) {
      // After a failed restart, `current` is still the old process: `exited` resolves at once, and the loop tries again.
      const status = await current.exited;
      if (isStopping) return;
      endings.push(performance.now());
      if (endings.filter((at) => at > performance.now() - RESTART_WINDOW_MS).length > RESTART_LIMIT) {
        const error = new Error(
          `The embedded Redis ended ${RESTART_LIMIT + 1} times within a minute; see ${paths.logPath}`,
        );
        log.error({ err: error }, "embedded Redis is not restarted any more");
        onFailure?.(error);
        return;
      }
      log.warn({ status }, "embedded Redis exited; restarting it");
      try {
        current = await launch();
        log.info({ pid: current.pid }, "embedded Redis restarted");
      } catch (error) {
        log.error({ err: error }, "embedded Redis did not restart");
      }
      // If stop() was called during the restart, stop() has ended only the old process.
      if (isStopping) current.end();
    }
  };
  const supervision = supervise();

  return {
    socketPath: paths.socketPath,
    get pid() {
      return current.pid;
    },
    async stop() {
      isStopping = true;
      current.end();
      await supervision;
      await rm(paths.socketPath, { force: true });
    },
  };
}

function findRedisProgram(): string {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const program of programs) {
    for (const folder of folders) {
      const path = join(folder, program);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // The program is not in this folder.
      }
    }
  }
  throw new Error(
    "There is no redis-server or valkey-server on PATH. Install one (apt-get install redis-server, " +
      "apk add redis, dnf install redis, brew install redis), or set REDIS_URL to a Redis that runs.",
  );
}

async function preparePaths(wantedDir: string): Promise<EmbeddedPaths & { dataDir: string }> {
  await mkdir(wantedDir, { recursive: true, mode: 0o700 });
  // The real path, so that a folder behind a symbolic link is recognised as in use.
  const dataDir = await realpath(wantedDir);
  const dataPath = join(dataDir, "redis");
  await mkdir(dataPath, { recursive: true, mode: 0o700 });
  return { dataDir, dataPath, logPath: join(dataDir, "redis.log"), socketPath: await socketPathFor(dataDir) };
}

async function socketPathFor(dataDir: string): Promise<string> {
  const inDataDir = join(dataDir, "redis.sock");
  if (Buffer.byteLength(inDataDir) <= SOCKET_PATH_LIMIT_BYTES) return inDataDir;
  const digest = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  return join(await realpath(tmpdir()), `grandstand-${digest}.sock`);
}

/** Resolves when nothing listens on the socket; rejects after the timeout. */
async function untilFree(socketPath: string, dataDir: string): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const probe = await probeRedis(socketPath);
    if (probe === "absent") return;
    if (performance.now() - startedAt > (probe === "silent" ? SILENT_WAIT_MS : ANSWERING_WAIT_MS)) {
      throw new Error(
        `Another server uses the data in ${dataDir}: its Redis listens on ${socketPath}. ` +
          "Stop that server, or give this one its own folder with GRANDSTAND_DATA_DIR.",
      );
    }
    await delay(POLL_EVERY_MS);
  }
}
