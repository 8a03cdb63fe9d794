import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Failure, fail } from "./lib/failure.mjs";
import { root } from "./lib/repo.mjs";

/** The pictures of the console that the documents show. */
const shown = [
  "console-overview-desktop-light.png",
  "console-overview-desktop-dark.png",
  "console-board-desktop-light.png",
  "console-trace-desktop-light.png",
];
const KEY = "demo-key";

try {
  await takePictures();
} catch (error) {
  fail(error);
}

/**
 * Takes pictures of every page of the console into `.data/pictures`, on a desktop and a phone, light and dark. Copies
 * those that the documents show to `docs/images`. Takes the pictures of the demo into `docs/images`, too.
 */
async function takePictures() {
  const folder = join(root, ".data/pictures");
  await mkdir(folder, { recursive: true });
  const dataDir = await mkdtemp(join(tmpdir(), "grandstand-pictures-"));
  const demo = spawn(process.execPath, ["scripts/start.mjs", "--nodes", "3"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      PORT: process.env.PORT ?? "8080",
      // Ignores a REDIS_URL of the developer: the pictures need the embedded Redis, with data of its own and `redis.sock`.
      REDIS_URL: "",
      GRANDSTAND_DATA_DIR: dataDir,
      GRANDSTAND_API_KEYS: `demo:${KEY}`,
      GRANDSTAND_WEBHOOK_SECRET: randomBytes(24).toString("hex"),
      GRANDSTAND_WEBHOOK_ALLOWED_RANGES: "127.0.0.1",
    },
  });
  const ended = once(demo, "exit");
  try {
    const url = await Promise.race([urlOf(demo), ended.then(() => null)]);
    if (url === null) throw new Failure("The demo did not start");
    await run("e2e/console-screenshots.ts", url, KEY, folder, join(dataDir, "redis.sock"));
    await Promise.all(shown.map((name) => copyFile(join(folder, name), join(root, "docs/images", name))));
    await run("e2e/screenshots.ts", url);
    console.log(`The pictures are in ${folder} and docs/images`);
  } finally {
    demo.kill("SIGINT");
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The URL that the demo prints when it is ready. */
function urlOf({ stdout }) {
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on("line", (line) => {
      const url = /^ {2}Demo +(\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

async function run(script, ...args) {
  const flags = ["--import", "tsx", "--conditions=@grandstand/source"];
  const child = spawn(process.execPath, [...flags, script, ...args], { cwd: root, stdio: "inherit" });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Failure(`${script} failed`);
}
