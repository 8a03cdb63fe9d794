import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { Failure } from "./failure.mjs";
import { root } from "./repo.mjs";
import { testFiles } from "./test-files.mjs";

export const requirementsPath = "docs/requirements.md";

const rule = String.raw`(?:T|CH|LB|PR|CT|CN|AU|OP|SD)\d+`;
/** Matches the names of rules at the beginning of a test title, such as `LB8` or `T1 and CH2`. */
const cited = new RegExp(String.raw`^${rule}(?:(?:, | and | |/)${rule})*(?![\w.])`);
const row = new RegExp(String.raw`^\| (${rule}) \| (.*) \| (.*?) ?\|$`);
const PLANNED = "planned";

/**
 * Makes the text of docs/requirements.md. Each rule is followed by the test files that name the rule in a title.
 * @throws {Failure} when rules and tests do not agree
 */
export function requirements() {
  const suites = suitesByRule();
  const faults = [];
  const listed = new Set();
  const lines = readFileSync(join(root, requirementsPath), "utf8")
    .split("\n")
    .map((line) => {
      const [, name, sentence, mark] = row.exec(line) ?? [];
      if (name === undefined) return line;
      listed.add(name);
      const files = [...(suites.get(name) ?? [])].sort();
      if (mark === PLANNED) {
        if (files.length > 0) faults.push(`${name} is marked as planned, but ${files[0]} tests it.`);
        return line;
      }
      if (files.length === 0) faults.push(`${name} has no test. Name it in a title, or mark it as planned.`);
      return `| ${name} | ${sentence} | ${files.map((file) => `\`${file}\``).join(", ")} |`;
    });
  for (const [name, files] of suites) {
    if (!listed.has(name))
      faults.push(`${[...files][0]} names ${name}, which ${requirementsPath} doesn't list.`);
  }
  if (faults.length > 0) throw new Failure(faults.join("\n"));
  return lines.join("\n");
}

/** For each rule, the test files that name it in a title. */
function suitesByRule() {
  const suites = new Map();
  for (const path of testFiles()) {
    for (const title of titlesIn(path)) {
      const [head] = cited.exec(title) ?? [""];
      for (const name of head.match(new RegExp(rule, "g")) ?? []) {
        if (!suites.has(name)) suites.set(name, new Set());
        suites.get(name).add(path);
      }
    }
  }
  return suites;
}

/** The titles of the tests and groups in a file. Of a template literal, only the text before its first expression counts. */
function titlesIn(path) {
  const titles = [];
  const source = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest);
  const visit = (node) => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
      else if (title && ts.isTemplateExpression(title)) titles.push(title.head.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** True for `it`, `it.skipIf(...)`, `describe.each(...)` and similar callees. */
function isTest(callee) {
  if (ts.isIdentifier(callee)) return ["it", "test", "describe"].includes(callee.text);
  return "expression" in callee && isTest(callee.expression);
}
