import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Redis } from "ioredis";
import { eventually } from "./eventually.js";

/**
 * Tells of every command that Redis executes from now on, of every client and script, as `[source] "command" "key" ...`.
 * ioredis's own monitor takes what other clients do right behind the OK for answers to commands that it never sent.
 * @returns what ends it.
 */
export async function watchCommands(redis: Redis, onCommand: (line: string) => void): Promise<() => void> {
  const { path, host, port, username, password } = redis.options;
  const socket = path ? connect({ path }) : connect({ host: host ?? "127.0.0.1", port: port ?? 6_379 });
  await once(socket, "connect");
  const isWatching = new Promise<void>((resolve, reject) => {
    createInterface({ input: socket }).on("line", (line) => {
      const command = /^\+\d+\.\d+ \[\d+ ([^\]]+)\] (.*)$/.exec(line);
      if (command) onCommand(`[${command[1]}] ${command[2]}`);
      else if (line.startsWith("-")) reject(new Error(line));
      else resolve();
    });
  });
  if (password) socket.write(`AUTH ${username ?? "default"} ${password}\r\n`);
  socket.write("MONITOR\r\n");
  await isWatching;
  return () => socket.destroy();
}

/** What Redis executes while `run` runs. */
export async function monitor(redis: Redis, run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const stop = await watchCommands(redis, (line) => lines.push(line));
  await run();
  // MONITOR's output is behind: a mark of our own shows that all before it has come.
  const mark = randomUUID();
  await redis.echo(mark);
  await eventually(() => {
    if (!lines.some((line) => line.includes(mark))) throw new Error("MONITOR has not caught up");
  });
  stop();
  return lines;
}
