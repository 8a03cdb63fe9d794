import { spawn, spawnSync } from "node:child_process";
import { createConnection } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { findProgram } from "./program.mjs";

/** How long to wait for the image to be pulled and Redis to answer. */
const READY_TIMEOUT_MS = 180_000;

/**
 * Redis under a shell that waits for the end of its stdin, a pipe which this process holds: so the
 * container ends with this process, however it ends. A background job's stdin is /dev/null, hence the 3.
 */
const containerScript = `
exec 3<&0
redis-server --save '' --appendonly no --protected-mode no &
cat <&3 >/dev/null
kill $!
wait $!
`;

/**
 * Starts a throwaway Redis in Docker, reachable on loopback only, which lives as long as this process.
 *
 * @returns {Promise<string | undefined>} its URL, or undefined where no Docker engine runs
 */
export async function startDockerRedis() {
  const docker = findProgram("docker");
  if (!docker || spawnSync(docker, ["info"], { stdio: "ignore" }).status !== 0) return undefined;

  console.log(
    "Starting a throwaway redis:7 in Docker: there is no redis-server here. Its data ends with it.",
  );
  const name = `grandstand-redis-${process.pid}`;
  const publish = ["--publish", "127.0.0.1::6379"];
  const container = spawn(
    docker,
    ["run", "--rm", "--interactive", "--name", name, ...publish, "redis:7", "sh", "-c", containerScript],
    // Its own process group, so that Ctrl-C reaches the server first and Redis is there while it drains.
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
      // Neither the container nor its pipes are a reason for this process to stay.
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

/** The port of this machine which Docker gave to the container, once it runs. */
function publishedPort(docker, name) {
  const { status, stdout } = spawnSync(docker, ["port", name, "6379"], { encoding: "utf8" });
  return status === 0 ? /:(\d+)\s*$/m.exec(stdout)?.[1] : undefined;
}

function answersPing(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port: Number(port) }, () =>
      socket.write("PING\r\n"),
    );
    const settle = (answers) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.on("data", (chunk) => settle(chunk.toString().startsWith("+PONG")));
    socket.on("error", () => settle(false));
    socket.on("close", () => settle(false));
  });
}
