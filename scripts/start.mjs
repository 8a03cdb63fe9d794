import { join } from "node:path";
import { parseArgs } from "node:util";
import { build } from "./lib/build.mjs";
import { applyDemoSettings, firstKey, isLoopback } from "./lib/demo.mjs";
import { ensureRedis } from "./lib/ensure.mjs";
import { Failure, fail } from "./lib/failure.mjs";
import { root } from "./lib/repo.mjs";
import { seedDemo } from "./lib/seed.mjs";

try {
  await start();
} catch (error) {
  fail(error);
}

async function start() {
  const { env } = process;
  const { values } = parseArgs({ options: { nodes: { type: "string" } } });
  if (values.nodes) env.GRANDSTAND_WORKERS = values.nodes;
  const redis = await ensureRedis();
  if (redis.url) env.REDIS_URL = redis.url;
  await build();

  const isDemo = applyDemoSettings(env);
  env.GRANDSTAND_WEB ||= join(root, "web/dist");
  // Runs the server in this process, so that signals and the exit status need no forwarding.
  const { run } = await import("../server/dist/process/run.js");
  const running = await run().catch((error) => {
    throw error.code === "EADDRINUSE" ? new Failure(portTaken(error)) : error;
  });

  if (isDemo) await showDemo(running, firstKey(env), redis.isTemporary);
  else console.log(`Grandstand runs on ${running.url}`);
}

async function showDemo(running, { key, isPublic }, isTemporary) {
  const { url, embeddedRedis } = running;
  await seedDemo({ url, key });
  if (key !== null && isLoopback(process.env.HOST)) {
    // This module uses the built SDK, so it is imported after the build.
    const { offerControls } = await import("./lib/demo-controls.mjs");
    offerControls({ url, key, nodes: running.nodes, redisSocket: embeddedRedis?.socketPath ?? null });
  }
  const nodes = running.nodes();
  const at = (path) => new URL(path, url).href;
  const runs =
    nodes.length === 1 ? "Grandstand runs." : `${nodes.length} nodes of Grandstand run behind one port.`;
  const list = nodes.map(({ nodeId, pid }) => `  Node            ${nodeId} (process ${pid})\n`).join("");
  console.log(`
${runs}

  Demo            ${at("/")}
  Console         ${at("/console")}${isPublic ? `   (the key is ${key})` : ""}
  Health          ${at("/health/ready")}
  REST API        ${at("/openapi.json")}
  Real-time API   ${at("/asyncapi.json")}
${nodes.length === 1 ? "" : list}
  curl -s -H 'Authorization: Bearer ${isPublic ? key : "<your key>"}' \\
    '${at("/v1/leaderboards/arcade/entries?limit=3")}'

Ctrl-C stops it. ${isTemporary ? "Its data is lost then." : "Its data stays."}
`);
}

function portTaken({ port }) {
  return `Port ${port} is in use. Stop the program that uses it, or choose another port: PORT=${port + 1} npm start`;
}
