import { readFileSync } from "node:fs";

/** The version of this package. The path below is right in `src` and in the build. */
export const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };
