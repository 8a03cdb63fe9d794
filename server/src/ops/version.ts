import { readFileSync } from "node:fs";

/** This package's version, the same for the source and for what is built of it. */
export const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };
