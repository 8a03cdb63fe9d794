import { readFileSync } from "node:fs";

/** The version of this package, for source and build alike. */
export const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };
