import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Cluster, Redis } from "ioredis";
import { eventually } from "./eventually.js";

/**
 * Reports each command that Redis executes, of all clients and scripts, as `[source] "command" "key" ...`.
 * The monitor of ioredis is not used. Redis may send the reply OK to MONITOR and the first reports in one chunk, and
 * ioredis then mistakes these reports for replies.
 * @returns a function that stops the reports
 */
export async function watchCommands(redis: Redis, onCommand: (line: string) => void): Promise<() => void> {
  const stops = await Promise.all(serversOf(redis).map((server) => watchServer(server, onCommand)));
  return () => {
    for (const stop of stops) stop();
  };
}

/** The masters of a Cluster; the server itself for any other client. */
function serversOf(redis: Redis): Redis[] {
  return redis.isCluster ? (redis as unknown as Cluster).nodes("master") : [redis];
}

/** The commands that Sentinels and replicas send to a primary. */
const isOfSentinel = /^"(ping|info|replconf|publish" "__sentinel__:hello)"/i;

/** The address of the server of a client. If the client asks Sentinels, this is the address of the primary. */
function addressOf({ options, stream }: Redis): NetConnectOpts {
  const { path, host = "127.0.0.1", port = 6_379, sentinels } = options;
  if (path) return { path };
  if (!sentinels) return { host, port };
  const { remoteAddress, remotePort } = stream as Socket;
  return { host: remoteAddress!, port: remotePort! };
}

async function watchServer(redis: Redis, onCommand: (line: string) => void): Promise<() => void> {
  const { username, password, sentinels } = redis.options;
  const socket = connect(addressOf(redis));
  await once(socket, "connect");
  const isStarted = new Promise<void>((resolve, reject) => {
    createInterface({ input: socket }).on("line", (line) => {
      const command = /^\+\d+\.\d+ \[\d+ ([^\]]+)\] (.*)$/.exec(line);
      if (command && sentinels && isOfSentinel.test(command[2]!)) return;
      if (command) onCommand(`[${command[1]}] ${command[2]}`);
      else if (line.startsWith("-")) reject(new Error(line));
      else resolve();
    });
  });
  if (password) socket.write(`AUTH ${username ?? "default"} ${password}\r\n`);
  socket.write("MONITOR\r\n");
  await isStarted;
  return () => socket.destroy();
}

/** The commands that Redis executes while `run` runs. */
export async function monitor(redis: Redis, run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const stop = await watchCommands(redis, (line) => lines.push(line));
  await run();
  // The output of MONITOR arrives late. Once it contains this marker, all commands before the marker have
  // arrived.
  const marker = randomUUID();
  const servers = serversOf(redis);
  for (const server of servers) await server.echo(marker);
  await eventually(() => {
    const caughtUp = lines.filter((line) => line.includes(marker)).length;
    if (caughtUp < servers.length) throw new Error("MONITOR has not caught up");
  });
  stop();
  return lines;
}
