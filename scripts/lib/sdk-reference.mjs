import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./repo.mjs";

const dist = join(root, "sdk/dist");

const entries = [
  {
    name: "@grandstand/sdk",
    file: "client.d.ts",
    about: "Browsers and Node: calls, live boards, rooms, presence and counters over one connection.",
  },
  {
    name: "@grandstand/sdk/react",
    file: "react.d.ts",
    about:
      "A provider and hooks for React 18 and newer. While a page renders on a server, the hooks of live views return `initialData`, or `loading` without it.",
  },
  {
    name: "@grandstand/sdk/server",
    file: "server.d.ts",
    about: "Servers and edge functions: every operation over HTTP, without a connection.",
  },
  {
    name: "@grandstand/sdk/sse",
    file: "sse.d.ts",
    about: "Reading channels over server-sent events.",
  },
  {
    name: "@grandstand/sdk/webhook",
    file: "webhook.d.ts",
    about: "Verifying what webhooks deliver.",
  },
];

/** The first part of the reference. Tests run the code in it. */
const head = readFileSync(join(root, "scripts/lib/sdk-start.md"), "utf8");

const OPERATIONS = "Operations";

/** The reference of the SDK, from the declarations that its package contains. */
export function sdkReference() {
  const files = entries.map(({ file }) => join(dist, file));
  const program = ts.createProgram(files, {
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  return new Reference(program).text();
}

class Reference {
  #program;
  #checker;
  /** The symbols whose declarations the text contains. */
  #placed = new Set();

  constructor(program) {
    this.#program = program;
    this.#checker = program.getTypeChecker();
  }

  text() {
    const sections = entries.map(({ name, file, about }) => {
      const symbols = this.#exportsOf(join(dist, file)).filter(({ symbol }) => !this.#placed.has(symbol));
      for (const { symbol } of symbols) this.#placed.add(symbol);
      return { name, about, symbols };
    });
    const others = this.#others();
    const operations = others.find(({ name }) => name === OPERATIONS);
    const parts = sections.map(({ name, about, symbols }) => {
      return `## ${name}\n\n${about}\n\n${contents(symbols)}\n\n${symbols.map((one) => this.#entry(one)).join("\n\n")}`;
    });
    const rest = others.filter((one) => one !== operations && !isHelper(one));
    const more = `## Other types\n\nTypes that the ones above refer to.\n\n${contents(rest)}\n\n${rest.map((one) => this.#entry(one)).join("\n\n")}`;
    return `${[head.trim(), ...parts, more, this.#operations(operations)].join("\n\n")}\n`;
  }

  /** What a file exports: first functions and classes, then types. Both groups are sorted by name. */
  #exportsOf(file) {
    const module = this.#checker.getSymbolAtLocation(this.#program.getSourceFile(file));
    return this.#checker
      .getExportsOfModule(module)
      .map((exported) => ({ name: exported.name, symbol: this.#resolved(exported) }))
      .sort((one, other) => rankOf(one) - rankOf(other) || compare(one.name, other.name));
  }

  #resolved(symbol) {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  /** The declarations of the package that are not exported, but that declarations in the text refer to. */
  #others() {
    const found = new Set();
    const visit = (node) => {
      if (ts.isIdentifier(node)) {
        const symbol = this.#checker.getSymbolAtLocation(node);
        const target = symbol && this.#resolved(symbol);
        if (target && this.#isOwn(target) && !this.#placed.has(target) && !found.has(target)) {
          found.add(target);
          for (const declaration of target.declarations) visit(declaration);
        }
      }
      ts.forEachChild(node, visit);
    };
    for (const symbol of this.#placed) for (const declaration of symbol.declarations) visit(declaration);
    return [...found]
      .map((symbol) => ({ name: symbol.name, symbol }))
      .sort((one, other) => compare(one.name, other.name));
  }

  /** Whether a symbol is declared at the top level of the package. */
  #isOwn({ declarations = [] }) {
    return declarations.some((node) => {
      const holder = ts.isVariableDeclaration(node) ? node.parent.parent.parent : node.parent;
      return holder && ts.isSourceFile(holder) && holder.fileName.startsWith(dist);
    });
  }

  #entry({ name, symbol }) {
    const code = symbol.declarations.map((node) => codeOf(node)).join("\n");
    const isAlias = symbol.flags & ts.SymbolFlags.TypeAlias;
    const parts = [
      `### ${name}`,
      docsOf(symbol.declarations[0]),
      `\`\`\`ts\n${code}\n\`\`\``,
      isAlias ? operationsIn(code) : "",
    ];
    return parts.filter((part) => part !== "").join("\n\n");
  }

  #operations({ symbol }) {
    const members = symbol.declarations.flatMap((node) => [...(node.members ?? [])]);
    const about =
      "What `client.call(operation, input)` and the methods of the server client take and return, by the name of the operation. Those with `isRest: true` have a REST route.";
    const list = members.map((member) => {
      const type = dedented(member.type.getText());
      return `### ${member.name.text}\n\n${docsOf(member)}\n\n\`\`\`ts\n${type}\n\`\`\``;
    });
    return `## Operations\n\n${about}\n\n${list.join("\n\n")}`;
  }
}

/** Whether a type only serves to derive other types from the operations. */
function isHelper({ name }) {
  return /^(Contract|Method|DomainOf)$/.test(name);
}

/** Links to the operations that the code of a type names, as `OutputOf<"chat.history">` does. Empty if it names none. */
function operationsIn(code) {
  const names = [...code.matchAll(/<"(\w+\.\w+)"/g)].map(([, name]) => name);
  if (names.length === 0) return "";
  return `Fields: ${[...new Set(names)].map((name) => `[${name}](#${name.replace(".", "").toLowerCase()})`).join(", ")}`;
}

function rankOf({ symbol }) {
  return symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class) ? 0 : 1;
}

function compare(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}

function contents(symbols) {
  return symbols.map(({ name }) => `[${name}](#${name.toLowerCase()})`).join(" · ");
}

/** The text of a declaration without its own comment. */
function codeOf(node) {
  return dedented(node.getText().replace(/^(export )?(declare )?/, ""));
}

/** Removes the outer indentation. Lines that are indented by four spaces for each level get two for each level. */
function dedented(text) {
  const lines = text.split("\n");
  const depths = lines.slice(1).flatMap((line) => (line.trim() === "" ? [] : [/^ */.exec(line)[0].length]));
  const unit = depths.some((depth) => depth % 4 === 2) ? 1 : 2;
  const outer = Math.min(...depths, Number.POSITIVE_INFINITY);
  const base = Number.isFinite(outer) && lines.at(-1)?.startsWith(" ".repeat(outer)) ? outer : 0;
  return lines
    .map((line, at) => {
      if (at === 0) return line;
      const depth = /^ */.exec(line)[0].length;
      const kept = Math.max(0, depth - base);
      // The lines of a comment have one space more than the declaration they belong to.
      const isComment = line.trimStart().startsWith("*");
      const indent = isComment ? Math.floor((kept - 1) / unit) + 1 : Math.floor(kept / unit);
      return " ".repeat(indent) + line.trimStart();
    })
    .join("\n");
}

/** The comment of a declaration: its text, then its tags as a list. */
function docsOf(node) {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  if (!doc) return "";
  const text = ts.getTextOfJSDocComment(doc.comment)?.trim() ?? "";
  const tags = (doc.tags ?? []).map((tag) => {
    const name = ts.isJSDocParameterTag(tag) ? ` \`${tag.name.getText()}\`` : "";
    const type = ts.isJSDocThrowsTag(tag) && tag.typeExpression ? ` ${tag.typeExpression.getText()}` : "";
    return `- *${tag.tagName.text}*${name}${type.replace(/[{}]/g, "`")}: ${ts.getTextOfJSDocComment(tag.comment)?.trim() ?? ""}`;
  });
  return [text.replaceAll("\n", " ").trim(), tags.map((tag) => tag.replaceAll("\n", " ")).join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}
