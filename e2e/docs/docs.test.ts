import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServerClient } from "@grandstand/sdk/server";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestNode, type TestNode } from "../../server/test/support/in-process-node.js";
import { runCommand } from "../command.js";
import { packSdk, prepare } from "../examples/installed.js";
import { documents, type Snippet, snippetsOf } from "./snippets.js";

/**
 * Runs the snippets of the documents as a reader would. The snippets of one document run in order, against a
 * separate node, with the packed SDK. React components are only compiled.
 */

const apiKey = "demo-key";

/**
 * Requests that a document shows as examples of failures. `part` is a text by which a request is recognized. The score
 * 4660 may also be accepted: it is refused only within a second after the member's previous score.
 */
const meantToFail = [
  { part: '"score":"fast"', statuses: [400] },
  { part: "order-4712", statuses: [409] },
  { part: '"score": 4660', statuses: [200, 409] },
];

/**
 * Declarations of names that snippets use without declaring them. Later declarations may use earlier ones.
 */
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
        typescript: "^7.0.2",
      },
    } as { dependencies: Record<string, string> },
    await packSdk(),
  );
  // A snippet imports `arcade.csv` into a board.
  await writeFile(join(project, "arcade.csv"), "member,score\nada,4100\n");
}, 120_000);

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

describe.runIf(hasCurl).each(documents.filter((path) => snippetsOf(path).some(isRun)))("%s", (path) => {
  let node: TestNode;
  let folder: string;

  beforeAll(async () => {
    node = await startTestNode({
      GRANDSTAND_API_KEYS: `demo:${apiKey}`,
      GRANDSTAND_WEBHOOK_SECRET: "a secret that signs the webhooks of this test",
    });
    folder = await mkdtemp(join(tmpdir(), "grandstand-docs-"));
    await prepareBoards(node.url);
  });

  afterAll(async () => {
    await node?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("shows requests that get the expected status, and programs that end without an error", {
    timeout: 120_000,
  }, async () => {
    let variables = "";
    for (const snippet of snippetsOf(path)) {
      if (snippet.language === "sh") {
        variables += `${snippet.code.match(/^[a-z]\w*=.*$/gm)?.join("\n") ?? ""}\n`;
        if (isRun(snippet)) await runShell(snippet, variables, node.url, folder);
      } else if (isRun(snippet)) await runProgram(snippet, node.url);
    }
  });
});

it("TypeScript snippets and React components compile in a strict project", { timeout: 60_000 }, async () => {
  const typed = documents
    .flatMap(snippetsOf)
    .filter(({ language }) => language === "tsx" || language === "ts");
  expect(typed.length).toBeGreaterThan(0);
  const files = await Promise.all(typed.map((snippet, at) => writeModule(`types-${at}.tsx`, snippet)));
  const flags = "--strict --noEmit --skipLibCheck false --jsx react-jsx --target es2023 --module nodenext";
  await runCommand("npx", ["tsc", "--ignoreConfig", ...flags.split(" "), "--types", "node", ...files], {
    cwd: project,
  });
});

function isRun({ language, code }: Snippet): boolean {
  if (language === "sh") return /\bcurl\b/.test(code);
  // Programs that use Redis directly or run a node of their own need more than this test prepares.
  return (language === "js" || language === "ts") && !/from "(ioredis|@grandstand\/server)"/.test(code);
}

/** Creates the boards and the score that snippets expect but do not create. */
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
  // The time limit ends streams. The HTTP status of each request goes to the file `statuses`.
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
  // A board of the documents limits how soon a score may follow another. This test is faster than a reader, so it
  // tries again.
  await expect.poll(refused, { message: place, timeout: 10_000, interval: 500 }).toEqual([]);
}

/** Runs a program, and ends it 700 ms after its last statement, because many programs would run on. */
async function runProgram(snippet: Snippet, url: string): Promise<void> {
  const file = await writeModule("program.mjs", snippet, url);
  await runCommand("node", [file], {
    cwd: project,
    env: { GRANDSTAND_KEY: apiKey, GRANDSTAND_TOKEN_SECRET: "x".repeat(32) },
  }).catch((error) => {
    throw new Error(`${snippet.place}: ${error.message}`);
  });
}

/** Writes a snippet to a file, with declarations of the names that it lacks. */
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
    // This comes before the lines of the snippet, so that a snippet that never ends is reported.
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

/**
 * Replaces the season names in a snippet by names of open seasons, because the seasons that the documents
 * name are over.
 */
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
