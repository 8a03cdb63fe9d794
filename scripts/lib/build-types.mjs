import { relative, sep } from "node:path";
import { Failure } from "./failure.mjs";
import { runNode, toolPath } from "./node.mjs";
import { root } from "./repo.mjs";
import { secondsSince } from "./seconds.mjs";

/** How tsc announces each file that it wrote. */
const written = /^TSFILE:\s+(.+)$/;

/** Compiles what changed in the TypeScript workspaces. */
export async function buildTypes() {
  const startedAt = Date.now();
  const tsc = [toolPath("typescript", "tsc"), "-b", "--listEmittedFiles"];
  const { succeeded, output } = await runNode(tsc);

  const lines = output.split(/\r?\n/);
  if (!succeeded) {
    const faults = lines.filter((line) => !written.test(line)).join("\n");
    throw new Failure(`TypeScript did not compile:\n${faults.trim()}`);
  }
  const compiled = new Set(lines.flatMap((line) => workspaceOf(written.exec(line)?.[1]) ?? []));
  if (compiled.size > 0) console.log(`Compiled ${[...compiled].join(", ")} (${secondsSince(startedAt)})`);
}

function workspaceOf(path) {
  return path && relative(root, path).split(sep)[0];
}
