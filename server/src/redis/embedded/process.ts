import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { open, stat } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { probeRedis } from "./probe.js";

/** The absolute paths of one embedded Redis. */
export interface EmbeddedPaths {
  /** The folder of Redis's files. */
  readonly dataPath: string;
  readonly socketPath: string;
  readonly logPath: string;
}

/** One run of redis-server, from its start to its exit. */
export interface RedisProcess {
  /** The process id of Redis itself, not of its supervisor. */
  readonly pid: number;
  /** Resolves with Redis's exit status once Redis and its supervisor have exited. Never rejects. */
  readonly exited: Promise<number | null>;
  /** Makes Redis save and exit. After half a minute it is killed, without a loss. */
  end(): void;
}

/** How long Redis may take until it listens. It loads its data afterwards, without a limit. */
const LISTEN_TIMEOUT_MS = 10_000;
const POLL_EVERY_MS = 20;

/**
 * Runs its arguments as Redis and stops it when stdin ends. Stdin is a pipe that only the server holds, so
 * Redis ends with the server even when that is killed with -9.
 *
 * A background job's stdin is /dev/null, hence the copy of stdin as 3. Redis refuses to exit on TERM while
 * it can't write its dump (a full disk); it has synced the append-only file by then, so KILL is safe.
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

/** Starts `program` (redis-server or valkey-server) and resolves once it serves commands. */
export async function startRedisProcess(program: string, paths: EmbeddedPaths): Promise<RedisProcess> {
  const logStart = await sizeOf(paths.logPath);
  const supervisor = spawn(
    "sh",
    ["-c", supervisorScript, "grandstand-redis", program, ...redisArguments(paths)],
    // Detached: Ctrl-C goes to the terminal's whole process group, and Redis must outlive the drain.
    { stdio: ["pipe", "pipe", "pipe"], detached: true },
  );
  const exited = exitOf(supervisor);
  let printed = "";
  supervisor.stderr.on("data", (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-2_000);
  });
  // Writing to a supervisor that has exited fails; `exited` reports it.
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
    // Hybrid persistence: at most a second is lost in a crash, and a restart loads a compact snapshot.
    ["appendonly", "yes"],
    ["appendfsync", "everysec"],
    ["aof-use-rdb-preamble", "yes"],
    ["save", "900", "1"],
    ["save", "300", "10"],
    ["save", "60", "10000"],
    // The data is no cache: a full Redis must refuse writes and never evict.
    ["maxmemory-policy", "noeviction"],
    // The kept replies of a busy counter expire in large hashes. Freeing them must not block.
    ["lazyfree-lazy-expire", "yes"],
  ];
  return settings.flatMap(([name, ...values]) => [`--${name}`, ...values]);
}

async function exitOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<number | null> {
  try {
    const [status] = (await once(child, "exit")) as [number | null];
    return status;
  } catch {
    // The shell could not be started at all.
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
  if (line === undefined) throw new Error("its supervisor ended at once");
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
    // The order matters: after our own Redis has exited, another one could answer.
    if (exit) throw new Error(`it ended with status ${exit.status}`);
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
