import { readFile } from "node:fs/promises";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { launchBrowser } from "./browser.js";
import { collectProblems } from "./page-problems.js";

let browser: Browser;
let node: NodeProcess;

beforeAll(async () => {
  node = await startNode({ redisUrl: inject("redisUrl"), prefix: freshPrefix() });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

it("OP1: the API reference shows every operation, obeys its Content-Security-Policy and asks no other origin", async () => {
  const page = await browser.newPage();
  const problems = collectProblems(page);
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && origin !== node.url) elsewhere.push(request.url());
  });
  await page.goto(`${node.url}/docs`);
  await page.getByText("/v1/leaderboards/{board}/scores/batch").first().waitFor();
  const { paths } = await documentOf("openapi");
  const operations = Object.values(paths as Record<string, object>).flatMap((path) => Object.keys(path));
  expect(await page.locator(".opblock").count()).toBe(operations.length);
  expect(await page.title()).toBe("API reference · Grandstand");
  await page.getByRole("link", { name: "Grandstand", exact: false }).first().waitFor();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html.dark-mode").waitFor();
  expect(elsewhere).toEqual([]);
  expect(problems).toEqual([]);
  await page.close();
});

it("OP1: a built node serves the documents of the repository", async () => {
  for (const name of ["openapi", "asyncapi"]) {
    const committed = await readFile(new URL(`../docs/${name}.json`, import.meta.url), "utf8");
    expect(await documentOf(name)).toEqual(JSON.parse(committed));
  }
});

async function documentOf(name: string) {
  return (await fetch(`${node.url}/${name}.json`)).json();
}
