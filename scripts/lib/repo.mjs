import { fileURLToPath } from "node:url";

/** The absolute path of the repository's root, so that every script works from any folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
