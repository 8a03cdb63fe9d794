import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { open, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { probeRedis } from "./probe.js";

/** The absolute paths of one embedded Redis. */
export interface EmbeddedPaths {
  /** The folder of its data files. */
  readonly dataPath: string;
  readonly socketPath: string;
  readonly logPath: string;
}

/** One redis-server process. */
export interface RedisProcess {
  /** The process id of Redis itself, not of its supervisor. */
  readonly pid: number;
  /**
   * Resolves with the exit status of Redis when Redis and its supervisor have exited; with null when the supervisor was killed
   * or could not be started. Never rejects.
   */
  readonly exited: Promise<number | null>;
  /**
   * Asks Redis to save and exit. If Redis still runs after 30 seconds, it is killed; its append-only file is synced by
   * then.
   */
  end(): void;
}

/** How long Redis may take until it listens. After that, Redis may take any time to load its data. */
const LISTEN_TIMEOUT_MS = 10_000;
const POLL_EVERY_MS = 20;

/**
 * A supervisor: runs its arguments as Redis and stops Redis when stdin ends. Only the process that started the
 * supervisor holds the other end of stdin, so Redis stops even when that process is killed with -9.
 *
 * A shell gives a background job /dev/null as its stdin, so the script copies stdin to file descriptor 3. Redis refuses
 * to exit on TERM when it cannot write its dump (a full disk). After 30 seconds the append-only file is synced, so KILL
 * is safe.
 */
const supervisorScript = `
exec 3<&0
"$@" 3<&- </dev/null >&2 &
redis=$!
{
  read -r _ <&3
  kill -TERM "$redis"
  seconds=0
  while [ "$seconds" -lt 30 ] && kill -0 "$redis"; do
    sleep 1
    seconds=$((seconds + 1))
  done
  kill -KILL "$redis"
} >/dev/null 2>&1 &
watcher=$!
exec 3<&-
echo "$redis"
wait "$redis"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

/** Starts `program` (redis-server or valkey-server). Resolves when it serves commands. */
export async function startRedisProcess(program: string, paths: EmbeddedPaths): Promise<RedisProcess> {
  const logStart = await sizeOf(paths.logPath);
  const supervisor = spawn(
    "sh",
    ["-c", supervisorScript, "grandstand-redis", program, ...redisArguments(paths)],
    // Detached: Ctrl-C reaches the whole process group, but Redis must run until the node has shut down.
    { stdio: ["pipe", "pipe", "pipe"], detached: true },
  );
  const exited = exitOf(supervisor);
  let printed = "";
  supervisor.stderr.on("data", (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-2_000);
  });
  // A failed write means that the supervisor has exited, which `exited` reports.
  supervisor.stdin.on("error", () => {});

  try {
    const pid = await firstLine(supervisor.stdout, exited);
    await untilReady(paths.socketPath, exited);
    return { pid: Number(pid), exited, end: () => supervisor.stdin.end() };
  } catch (error) {
    supervisor.stdin.end();
    await exited;
    const logged = await readFrom(paths.logPath, logStart);
    const details = `${printed}${logged}`.trim().split("\n").slice(-6).join("\n");
    throw new Error(`${program} did not start: ${(error as Error).message}\n${details}`.trim(), {
      cause: error,
    });
  }
}

function redisArguments({ dataPath, socketPath, logPath }: EmbeddedPaths): string[] {
  const settings: readonly (readonly string[])[] = [
    ["port", "0"],
    ["unixsocket", socketPath],
    ["unixsocketperm", "700"],
    ["daemonize", "no"],
    ["dir", dataPath],
    ["logfile", logPath],
    ["loglevel", "warning"],
    // Hybrid persistence: a crash loses at most a second, and a restart loads a compact snapshot.
    ["appendonly", "yes"],
    ["appendfsync", "everysec"],
    ["aof-use-rdb-preamble", "yes"],
    ["save", "900", "1"],
    ["save", "300", "10"],
    ["save", "60", "10000"],
    // The data is not a cache: a full Redis must refuse writes, and never evict a score.
    ["maxmemory-policy", "noeviction"],
    // Replies kept for idempotency keys expire in large amounts, so they are freed in the background.
    ["lazyfree-lazy-expire", "yes"],
  ];
  return settings.flatMap(([name, ...values]) => [`--${name}`, ...values]);
}

async function exitOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<number | null> {
  try {
    const [status] = (await once(child, "exit")) as [number | null];
    return status;
  } catch {
    // The shell could not be started.
    return null;
  }
}

async function firstLine(stream: Readable, exited: Promise<unknown>): Promise<string> {
  const lines = createInterface({ input: stream });
  const [line] = await Promise.race([
    once(lines, "line") as Promise<[string]>,
    exited.then(() => [undefined]),
  ]);
  lines.close();
  if (line === undefined) throw new Error("its supervisor exited at once");
  return line;
}

async function untilReady(socketPath: string, exited: Promise<number | null>): Promise<void> {
  let exit: { status: number | null } | undefined;
  void exited.then((status) => {
    exit = { status };
  });
  let listenDeadline = performance.now() + LISTEN_TIMEOUT_MS;
  for (;;) {
    const probe = await probeRedis(socketPath);
    // Checked first: if our Redis has exited, the reply came from another Redis on the same socket.
    if (exit) throw new Error(`it exited with status ${exit.status}`);
    if (probe === "ready") return;
    if (probe === "loading") listenDeadline = performance.now() + LISTEN_TIMEOUT_MS;
    if (performance.now() > listenDeadline)
      throw new Error(`it did not answer within ${LISTEN_TIMEOUT_MS / 1_000} s`);
    await delay(POLL_EVERY_MS);
  }
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return "";
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(16_384), position: start });
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
