import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { eventually } from "./support/eventually.js";
import { freshPrefix } from "./support/names.js";
import { type NodeProcess, startNode } from "./support/node-process.js";

/**
 * More connections than fit into Node's default backlog, the queue of connections that were not accepted yet.
 */
const CLIENTS = 700;

let node: NodeProcess;

beforeAll(async () => {
  node = await startNode({ redisUrl: inject("redisUrl"), prefix: freshPrefix() });
});

afterAll(() => node.stop());

it.skipIf(systemBacklog() < CLIENTS)("connections wait for a busy node; none is dropped", async () => {
  // A stopped process accepts no connection, so all connections wait in the backlog.
  process.kill(node.pid, "SIGSTOP");
  const sockets: Socket[] = [];
  let connected = 0;
  try {
    for (let at = 0; at < CLIENTS; at += 1) {
      const socket = connect(node.port, "127.0.0.1", () => {
        connected += 1;
      });
      socket.on("error", () => {});
      sockets.push(socket);
    }
    await eventually(() => expect(connected).toBe(CLIENTS));
  } finally {
    process.kill(node.pid, "SIGCONT");
    for (const socket of sockets) socket.destroy();
  }
  expect((await fetch(`${node.url}/health/live`)).status).toBe(200);
});

/** The longest backlog that this machine allows. */
function systemBacklog(): number {
  try {
    return Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));
  } catch {
    return 0;
  }
}
