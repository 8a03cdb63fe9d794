import { relative, sep } from "node:path";
import { Failure } from "./failure.mjs";
import { runNode, secondsSince, toolPath } from "./node.mjs";
import { root } from "./repo.mjs";

/** The line that tsc prints for each file that it writes. */
const written = /^TSFILE:\s+(.+)$/;

/** Compiles the TypeScript workspaces that have changed. */
export async function buildTypes() {
  const startedAt = Date.now();
  const tsc = [toolPath("typescript-7", "tsc"), "-b", "--listEmittedFiles"];
  const { succeeded, output } = await runNode(tsc);

  const lines = output.split(/\r?\n/);
  if (!succeeded) {
    const errors = lines.filter((line) => !written.test(line)).join("\n");
    throw new Failure(`TypeScript did not compile:\n${errors.trim()}`);
  }
  const compiled = new Set(lines.flatMap((line) => workspaceOf(written.exec(line)?.[1]) ?? []));
  if (compiled.size > 0) console.log(`Compiled ${[...compiled].join(", ")} (${secondsSince(startedAt)})`);
}

function workspaceOf(path) {
  return path && relative(root, path).split(sep)[0];
}
