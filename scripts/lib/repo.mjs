import { fileURLToPath } from "node:url";

/** The absolute path of the repository, so that scripts work from any current folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
