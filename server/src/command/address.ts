import { readFile } from "node:fs/promises";
import type { ApiAddress } from "./api-session.js";
import { UsageError } from "./usage-error.js";

export interface AddressOptions {
  url?: string | undefined;
  "key-file"?: string | undefined;
}

/**
 * The URL of the node and the API key of a command. All users of the machine can see a command line, so the secret comes from
 * a file or from the environment.
 */
export async function addressOf({ url, "key-file": file }: AddressOptions): Promise<ApiAddress> {
  const { PORT = "8080", API_KEY, GRANDSTAND_API_KEYS = "" } = process.env;
  const node = url ?? `http://127.0.0.1:${PORT}`;
  if (!/^https?:\/\//.test(node) || !URL.canParse(node))
    throw new UsageError("--url must be an http or https URL");
  if (file !== undefined) return { url: node, key: (await readFile(file, "utf8")).trim() };
  const key = API_KEY || firstSecret(GRANDSTAND_API_KEYS);
  if (key === undefined)
    throw new UsageError("an API key is needed: set API_KEY, or name a file with --key-file");
  return { url: node, key };
}

/** The first secret in the node's own setting of API keys. A key that is stored as a digest is skipped. */
function firstSecret(keys: string): string | undefined {
  return keys
    .split(",")
    .map((entry) => entry.trim().slice(entry.trim().indexOf(":") + 1))
    .find((secret) => secret !== "" && !secret.startsWith("sha256:"));
}
