import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, createGuestSession } from "@grandstand/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Command, runCommand, startCommand } from "./command.js";
import { eventually } from "./eventually.js";

/** Runs the two commands of the README in a copy of the repository that was never installed or built. */

const root = fileURLToPath(new URL("..", import.meta.url));
/** Files and folders that the copy lacks, because tools create them. */
const created = new Set([
  ".git",
  ".data",
  ".types",
  "coverage",
  "dist",
  "node_modules",
  "results",
  "test-results",
]);
/** Long, because compiling the copy can take minutes on a busy machine. */
const BUILD_MS = 600_000;
const complaint = /warn|deprecat|error|could not|couldn't|can't|unsupported|vulnerab|✗|[1-9] failed/i;

let tree: string;
let start: Command;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), "grandstand-tree-"));
  await cp(root, tree, { recursive: true, filter: (path) => !created.has(basename(path)) });
});

afterAll(async () => {
  await start?.interrupt();
  await rm(tree, { recursive: true, force: true });
});

it("npm install && npm start: prints no warning; boards, counters, chat and presence work; Ctrl-C stops the demo", async () => {
  const installed = await runCommand("npm", ["install", "--prefer-offline"], { cwd: tree });
  expect(complaintsIn(installed)).toEqual([]);

  start = startCommand("npm", ["start"], { cwd: tree, env: { PORT: "0" } });
  await expect
    .poll(() => start.output() + (start.exitCode() ?? ""), { timeout: BUILD_MS })
    .toContain("Ctrl-C stops it.");
  const url = /Demo +(http\S+)\//.exec(start.output())![1]!;

  const server = createClient({ url, token: "demo-key" });
  const { user, token } = await createGuestSession({ url, name: "Ada" });
  const guest = createClient({ url, token });
  const board = guest.leaderboard("arcade").live({ top: 10, me: true });
  const stops = [board.subscribe(() => {})];
  try {
    await eventually(() => board.get().entries.map(({ member }) => member)).toContain("Maya");
    await guest.leaderboard("arcade").submit({ member: user.id, score: 59_000 });
    await eventually(() => board.get().me?.rank).toBe(1);
    expect((await server.leaderboard("speedrun").entries()).entries[0]?.member).toBe("Ingrid");

    const claps = guest.counter("cheers:claps").live();
    stops.push(claps.subscribe(() => {}));
    await eventually(() => claps.get().value).toBe(962);
    await guest.counter("cheers:claps").add(1);
    await eventually(() => claps.get().value).toBe(963);

    const room = guest.chat("terrace").live();
    stops.push(room.subscribe(() => {}));
    await eventually(() => room.get().messages.map(({ profile }) => profile?.name)).toEqual([
      "Maya",
      "Łukasz",
      "Ines",
      "Kwame",
    ]);
    await room.send("I do.");
    await eventually(() => room.get().messages.at(-1)).toMatchObject({ text: "I do.", state: "sent" });

    const presence = guest.presence("terrace").live();
    stops.push(presence.subscribe(() => {}));
    guest.presence("terrace").enter();
    await eventually(() => presence.get().members.map((member) => member.user)).toEqual([user.id]);

    expect(await (await fetch(url)).text()).toContain("<title>");
  } finally {
    for (const stop of stops) stop();
    guest.close();
    server.close();
  }

  await start.interrupt();
  await expect(fetch(url)).rejects.toThrow();
  expect(complaintsIn(start.output())).toEqual([]);
}, 1_200_000);

it("npm test: prints no warning, and in its last line the numbers of passed and failed tests", async () => {
  const output = await runCommand("npm", ["test", "--", "sdk/src/operations.test.ts"], { cwd: tree });
  expect(complaintsIn(output)).toEqual([]);
  expect(output.trimEnd().split("\n").at(-1)).toMatch(/^[1-9]\d* passed, 0 failed$/);
}, 1_200_000);

function complaintsIn(output: string): string[] {
  return output.split("\n").filter((line) => complaint.test(line));
}
