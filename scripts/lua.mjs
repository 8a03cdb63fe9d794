import { fail } from "./lib/failure.mjs";
import { checkLua, formatLua } from "./lib/lua.mjs";

/** `npm run check:lua`; with --write it formats the files instead. */
try {
  if (process.argv.includes("--write")) for (const path of formatLua()) console.log(`Formatted ${path}`);
  else await checkLua();
} catch (error) {
  fail(error);
}
