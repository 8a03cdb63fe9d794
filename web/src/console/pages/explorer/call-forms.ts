import type { OperationDocument } from "../../api/documents.js";

type Input = Record<string, unknown>;

/** A curl command that calls an operation with `input`. */
export function curlOf({ rest }: OperationDocument, input: Input): string {
  const { method, path } = rest!;
  const left = { ...input };
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = left[name];
    delete left[name];
    return encodeURIComponent(String(value ?? name));
  });
  const { idempotencyKey, ...fields } = left;
  const url = new URL(filled, window.location.origin);
  const hasQuery = method === "GET" || method === "DELETE";
  if (hasQuery) {
    for (const [name, value] of Object.entries(fields)) {
      url.searchParams.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
  }
  const lines = [`curl -X ${method} '${quoted(url.href)}'`, `  -H "Authorization: Bearer $GRANDSTAND_KEY"`];
  if (idempotencyKey !== undefined) lines.push(`  -H 'Idempotency-Key: ${quoted(String(idempotencyKey))}'`);
  if (!hasQuery) {
    lines.push(`  -H 'Content-Type: application/json'`, `  -d '${quoted(JSON.stringify(fields))}'`);
  }
  return lines.join(" \\\n");
}

/** Escapes a text that stands between single quotes in a shell. */
function quoted(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

/** Code that calls an operation with `input` through the SDK. */
export function sdkOf({ name }: OperationDocument, input: Input): string {
  return [
    `import { createClient } from "@grandstand/sdk";`,
    "",
    `const client = createClient({ url: "${window.location.origin}", token });`,
    `await client.call("${name}", ${JSON.stringify(input, null, 2)});`,
  ].join("\n");
}

/** The frame that calls an operation with `input` over a plain WebSocket. */
export function frameOf({ name }: OperationDocument, input: Input): string {
  return JSON.stringify({ id: 1, op: name, data: input }, null, 2);
}
