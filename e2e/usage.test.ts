import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runCommand } from "./command.js";

const root = fileURLToPath(new URL("..", import.meta.url));

it("npm start with an unknown option names the option, without a stack trace", async () => {
  const started = runCommand("node", ["scripts/start.mjs", "--node", "3"], { cwd: root });
  await expect(started).rejects.toThrow("Unknown option '--node'");
  await expect(started).rejects.not.toThrow(/^ {4}at /m);
});
