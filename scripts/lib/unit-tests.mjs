import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./repo.mjs";
import { testFiles } from "./test-files.mjs";

/**
 * Modules that start a process, open a socket or reach Redis. A test that imports one, even indirectly, is no
 * unit test.
 */
const outside =
  /^(node:(child_process|cluster|dgram|http2?|https|net|tls|worker_threads)|autocannon|bullmq|fastify|ioredis|playwright|socket\.io(-client)?|ws)$/;

/** Static and dynamic imports of values. Types are gone at run time, so they don't count. */
const imports =
  /(?:^|\n)\s*(?:import|export)\s(?!type\s)[^"';]*?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;

/** The test files that need no Redis, no sockets and no browser, as paths from the root. */
export function unitTests() {
  const outcomes = new Map();
  return testFiles().filter((path) => isSelfContained(join(root, path), outcomes));
}

function isSelfContained(path, outcomes) {
  const known = outcomes.get(path);
  if (known !== undefined) return known;
  // Ends an import cycle: a file that is being examined counts as self-contained.
  outcomes.set(path, true);
  const source = readFileSync(path, "utf8");
  const wanted = [...source.matchAll(imports)].map(([, one, other]) => one ?? other);
  const result =
    !/\binject\(/.test(source) &&
    !wanted.some((name) => outside.test(name)) &&
    wanted
      .map((name) => fileOf(name, path))
      .every((file) => file === undefined || isSelfContained(file, outcomes));
  outcomes.set(path, result);
  return result;
}

/** The source file of an import within the repository; undefined for a package. */
function fileOf(name, importer) {
  const workspace = /^@grandstand\/(\w+)(?:\/(.+))?$/.exec(name);
  if (workspace === null && !name.startsWith(".")) return undefined;
  const base = workspace
    ? join(root, workspace[1], "src", workspace[2] ?? "client")
    : join(dirname(importer), name.replace(/\.(js|jsx)$/, ""));
  return [base, `${base}.ts`, `${base}.tsx`].find((file) => /\.tsx?$/.test(file) && existsSync(file));
}
