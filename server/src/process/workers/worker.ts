import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { readConfig } from "../../config/config.js";
import { startNode } from "../../node.js";
import { createLog } from "../../ops/log.js";
import { Shutdown } from "../shutdown.js";
import type { PrimaryMessage } from "./messages.js";
import { SOCKETS_VARIABLE } from "./primary.js";
import { PrimaryLink } from "./primary-link.js";
import { SessionRelay } from "./session-relay.js";

// A forked worker process runs this file, and is one node. Only the primary process stops a worker: the worker ignores
// SIGTERM and SIGINT.
const config = readConfig(process.env);
const nodeId = randomUUID();
const processLog = createLog({
  level: config.logLevel,
  isPretty: !config.isProduction && process.stdout.isTTY === true,
});
const log = processLog.child({ node: nodeId });
const shutdown = new Shutdown(log, 0);
const link = new PrimaryLink();
const worker = cluster.worker!.id;

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => {});
process.on("uncaughtException", (error) => {
  log.fatal({ err: error }, "uncaught error");
  void shutdown.end("uncaught error", 1);
});

try {
  const sessions = new SessionRelay(worker, process.env[SOCKETS_VARIABLE]!);
  // This list holds the messages that arrive before the node has started.
  const early: PrimaryMessage[] = [];
  let receive = (message: PrimaryMessage): void => void early.push(message);
  process.on("message", (message: PrimaryMessage) => {
    if (message.kind === "stop") void shutdown.end("the primary stops", 0);
    else receive(message);
  });
  const workers = { counts: link, sessions, all: link };
  const node = await startNode(config, config.redisUrl!, processLog, { nodeId, workers });
  shutdown.add({ stop: node.close });
  receive = (message) => {
    link.receive(message);
    if (message.kind === "drain") node.drain();
    if (message.kind === "excess") node.closeNewest(message.scope, message.key, message.count);
    if (message.kind === "query") {
      const { id, query } = message;
      const reply = query === "readiness" ? node.readiness() : node.metrics();
      void reply.then((value) => link.send({ kind: "reply", id, value }));
    }
  };
  for (const message of early) receive(message);
  link.send({ kind: "listening", url: node.url, nodeId });
} catch (error) {
  const { message, code, port } = error as NodeJS.ErrnoException & { port?: number };
  link.send({ kind: "failed", message, ...(code && { code }), ...(port && { port }) });
  await shutdown.stopParts();
  process.exitCode = 1;
  process.disconnect();
}
