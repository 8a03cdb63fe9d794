import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced code block of a document. */
export interface Snippet {
  /** `<path in the repository>:<line>`. */
  place: string;
  language: string;
  code: string;
}

export const documents = [
  "README.md",
  "sdk/README.md",
  "scripts/lib/sdk-start.md",
  ...readdirSync(join(root, "docs"))
    // The reference of the SDK is left out, because it shows only declarations, which are generated from the
    // package.
    .filter((name) => name.endsWith(".md") && name !== "sdk.md")
    .map((name) => `docs/${name}`),
];

/** The blocks of a document in order, without the indentation that lists give them. */
export function snippetsOf(path: string): Snippet[] {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```/gm)].map((match) => ({
    place: `${path}:${text.slice(0, match.index).split("\n").length}`,
    language: match[2]!,
    code: match[3]!.replaceAll(new RegExp(`^${match[1]}`, "gm"), ""),
  }));
}
