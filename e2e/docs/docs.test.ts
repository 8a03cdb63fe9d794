import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServerClient } from "@grandstand/sdk/server";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshPrefix } from "../../server/test/support/names.js";
import { type NodeProcess, startNode } from "../../server/test/support/node-process.js";
import { runCommand } from "../command.js";
import { packSdk, prepare } from "../examples/installed.js";
import { documents, type Snippet, snippetsOf } from "./snippets.js";

/**
 * The snippets of the documents, run as their readers run them: those of a document in order, on a node of its own, with
 * the packed SDK. Components are compiled only.
 */

const apiKey = "demo-key";

/** Requests that a document shows for the error that answers them. The last one fails within a second only. */
const meantToFail = [
  { part: '"score":"fast"', statuses: [400] },
  { part: "order-4712", statuses: [409] },
  { part: '"score": 4660', statuses: [200, 409] },
];

/** The names that snippets take from the text around them, in the order in which they need each other. */
const surroundings: Record<string, string> = {
  createClient: 'import { createClient } from "@grandstand/sdk";',
  createReadStream: 'import { createReadStream } from "node:fs";',
  createInterface: 'import { createInterface } from "node:readline";',
  url: 'const url = "http://127.0.0.1:8080";',
  useCounter: 'import { useCounter } from "@grandstand/sdk/react";',
  token: `const token = "${apiKey}";`,
  client: `const client = createClient({ url: "http://127.0.0.1:8080", token: "${apiKey}" });`,
  server: `const server = createClient({ url: "http://127.0.0.1:8080", token: "${apiKey}" });`,
  cup: 'const cup = server.leaderboard("cup");',
  arcade: 'const arcade = server.leaderboard("arcade");',
};

let project: string;

beforeAll(async () => {
  project = await prepare(
    "docs",
    {
      type: "module",
      dependencies: {
        "@types/node": "^20.19.43",
        "@types/react": "^19.3.0",
        jose: "^6.2.3",
        react: "^19.3.1",
        "socket.io-client": "^4.8.4",
        typescript: "^6.0.3",
      },
    } as { dependencies: Record<string, string> },
    await packSdk(),
  );
  // A file that a snippet imports.
  await writeFile(join(project, "arcade.csv"), "member,score\nada,4100\n");
}, 120_000);

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

describe.runIf(hasCurl).each(documents.filter((path) => snippetsOf(path).some(isRun)))("%s", (path) => {
  let node: NodeProcess;
  let folder: string;

  beforeAll(async () => {
    node = await startNode({
      redisUrl: inject("redisUrl"),
      prefix: freshPrefix(),
      env: {
        GRANDSTAND_API_KEYS: `demo:${apiKey}`,
        GRANDSTAND_WEBHOOK_SECRET: "a secret that signs the webhooks of this test",
      },
    });
    folder = await mkdtemp(join(tmpdir(), "grandstand-docs-"));
    await prepareBoards(node.url);
  });

  afterAll(async () => {
    await node?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("shows requests that are answered, and programs that run", { timeout: 120_000 }, async () => {
    let variables = "";
    for (const snippet of snippetsOf(path)) {
      if (snippet.language === "sh") {
        variables += `${snippet.code.match(/^[a-z]\w*=.*$/gm)?.join("\n") ?? ""}\n`;
        if (isRun(snippet)) await runShell(snippet, variables, node.url, folder);
      } else if (isRun(snippet)) await runProgram(snippet, node.url);
    }
  });
});

it("components compile in a strict project", { timeout: 60_000 }, async () => {
  const components = documents
    .flatMap(snippetsOf)
    .filter(({ language }) => language === "tsx" || language === "ts");
  expect(components.length).toBeGreaterThan(0);
  const files = await Promise.all(components.map((snippet, at) => writeModule(`types-${at}.tsx`, snippet)));
  const flags = "--strict --noEmit --skipLibCheck false --jsx react-jsx --target es2023 --module nodenext";
  await runCommand("npx", ["tsc", "--ignoreConfig", ...flags.split(" "), "--types", "node", ...files], {
    cwd: project,
  });
});

function isRun({ language, code }: Snippet): boolean {
  if (language === "sh") return /\bcurl\b/.test(code);
  // Programs that use Redis itself, or run a node, have tests of their own.
  return (language === "js" || language === "ts") && !/from "(ioredis|@grandstand\/server)"/.test(code);
}

/** What the documents' boards need beyond their own snippets. */
async function prepareBoards(url: string): Promise<void> {
  const { leaderboard } = createServerClient({ url, apiKey });
  await leaderboard.configure({ board: "arcade", submit: "member", windows: ["all", "weekly", "daily"] });
  await leaderboard.submit({ board: "arcade", member: "ada", score: 4100 });
  await leaderboard.configure({ board: "ties" });
}

async function runShell(
  { place, code }: Snippet,
  variables: string,
  url: string,
  cwd: string,
): Promise<void> {
  // A stream ends when its time is over. The status goes to a file of its own, beside what is printed.
  const curl = `curl() { command curl --silent --max-time 1 -w '%{stderr}%{http_code}\\n' "$@" 2>>statuses; return 0; }`;
  const script = withNode(
    `secret=${apiKey}\nTOKEN=${apiKey}\n${curl}\n${variables}\n${await withSeasons(code, url)}`,
    url,
  );
  const requests = code.split(/\bcurl\b/).slice(1);
  const refused = async () => {
    await rm(join(cwd, "statuses"), { force: true });
    await runCommand("bash", ["-c", script], { cwd });
    const statuses = (await readFile(join(cwd, "statuses"), "utf8")).trim().split("\n").map(Number);
    return requests.flatMap((request, index) => {
      const wanted = meantToFail.find(({ part }) => request.includes(part))?.statuses ?? [200, 201];
      return wanted.includes(statuses[index]!) ? [] : [`${statuses[index]}: curl${request}`];
    });
  };
  // Readers are slower than the shortest interval between two scores.
  await expect.poll(refused, { message: place, timeout: 10_000, interval: 500 }).toEqual([]);
}

/** Runs a program for as long as it needs for its first answers; many go on until they are stopped. */
async function runProgram(snippet: Snippet, url: string): Promise<void> {
  const file = await writeModule("program.mjs", snippet, url);
  await runCommand("node", [file], {
    cwd: project,
    env: { GRANDSTAND_KEY: apiKey, GRANDSTAND_TOKEN_SECRET: "x".repeat(32) },
  }).catch((error) => {
    throw new Error(`${snippet.place}: ${error.message}`);
  });
}

/** Writes a snippet with what the text around it gives it. */
async function writeModule(name: string, { code }: Snippet, url?: string): Promise<string> {
  const missing: string[] = [];
  let needed = code;
  for (const [known, line] of Object.entries(surroundings).reverse()) {
    const isDeclared = new RegExp(
      `(const|let|function) ${known}\\b|import [^;]*\\b${known}\\b|\\{[^}=]*\\b${known}\\b[^}]*\\} = `,
    ).test(needed);
    if (isDeclared || !new RegExp(`(?<![."'/\\w-])${known}\\b(?!["':])`).test(needed)) continue;
    missing.unshift(line);
    needed = `${line}\n${needed}`;
  }
  const text = `${missing.join("\n")}\n${code}\nexport {};\n`;
  const file = join(project, name);
  if (url === undefined) await writeFile(file, text);
  else {
    const target = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
    const { outputText } = ts.transpileModule(withNode(await withSeasons(text, url), url), {
      compilerOptions: target,
    });
    // Set before the snippet's own lines: one that waits for ever is reported by its place.
    const limit = `setTimeout(() => {
  console.error("The program did not reach its end within 30 seconds.");
  process.exit(1);
}, 30_000);`;
    await writeFile(file, `${limit}\n${outputText}\nsetTimeout(() => process.exit(), 700);\n`);
  }
  return file;
}

function withNode(code: string, url: string): string {
  return code.replaceAll(/(?:http:\/\/)?(127\.0\.0\.1|localhost):8080/g, url).replaceAll("…", "");
}

/** The seasons that the documents name are over: those of now stand in for them, each the first of its period. */
async function withSeasons(code: string, url: string): Promise<string> {
  if (!/2026-W\d\d|2026-11-24T/.test(code)) return code;
  const server = createServerClient({ url, apiKey });
  const openSeason = async (board: string, window: string) => {
    const { seasons } = await server.leaderboard.seasons({ board, window });
    return seasons[0]!.season;
  };
  const open = code.includes("2026-W")
    ? await openSeason(code.includes("arcade") ? "arcade" : "cup", "weekly")
    : "";
  const weekly = code.includes("close") ? open : open.replace(/\.\d+$/, "");
  const rounds = code.includes("2026-11-24T") ? await openSeason("sprint", "rounds") : "";
  return code.replaceAll(/2026-W\d\d/g, weekly).replaceAll(/2026-11-24T[\d:]+Z/g, rounds);
}
