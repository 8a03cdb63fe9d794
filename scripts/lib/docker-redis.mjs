import { spawn, spawnSync } from "node:child_process";
import { createConnection } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "./program.mjs";

/** The time limit for pulling the image and starting Redis. */
const READY_TIMEOUT_MS = 180_000;

/**
 * Runs Redis until stdin ends. Stdin is a pipe from this process, so the container stops when this process ends,
 * even if a signal kills this process.
 */
const containerScript = `
redis-server --save '' --appendonly no --protected-mode no &
cat >/dev/null
kill $!
wait $!
`;

/**
 * Starts a temporary Redis in Docker, reachable on loopback only. It stops with this process.
 *
 * @returns {Promise<string | undefined>} its URL; undefined if no Docker engine is running
 */
export async function startDockerRedis() {
  const docker = findProgram("docker");
  if (!docker || spawnSync(docker, ["info"], { stdio: "ignore" }).status !== 0) return undefined;

  console.log(
    "No redis-server found. Starting a temporary redis:7 in Docker; its data is lost when it stops.",
  );
  const name = `grandstand-redis-${process.pid}`;
  const publish = ["--publish", "127.0.0.1::6379"];
  const container = spawn(
    docker,
    ["run", "--rm", "--interactive", "--name", name, ...publish, "redis:7", "sh", "-c", containerScript],
    // In its own process group, so that Ctrl-C does not stop Redis while the server drains.
    { stdio: ["pipe", "ignore", "pipe"], detached: true },
  );
  let printed = "";
  container.stderr.on("data", (chunk) => {
    printed = (printed + chunk).slice(-2_000);
  });
  container.on("error", (error) => {
    printed += error.message;
  });

  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (container.exitCode === null && Date.now() < deadline) {
    const port = publishedPort(docker, name);
    if (port && (await answersPing(port))) {
      // The container and its pipes must not keep this process running.
      container.unref();
      container.stdin.unref();
      container.stderr.unref();
      return `redis://127.0.0.1:${port}`;
    }
    await delay(200);
  }
  container.stdin.end();
  throw new Error(`Redis did not start in Docker:\n${printed.trim()}`);
}

/** The host port that Docker assigned to the container; undefined until the container runs. */
function publishedPort(docker, name) {
  const { status, stdout } = spawnSync(docker, ["port", name, "6379"], { encoding: "utf8" });
  return status === 0 ? /:(\d+)\s*$/m.exec(stdout)?.[1] : undefined;
}

function answersPing(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port: Number(port) }, () =>
      socket.write("PING\r\n"),
    );
    const finish = (answers) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.on("data", (chunk) => finish(chunk.toString().startsWith("+PONG")));
    socket.on("error", () => finish(false));
    socket.on("close", () => finish(false));
  });
}
