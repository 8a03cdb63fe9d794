import type { ApiSession } from "./api-session.js";
import { exportBoard } from "./export-board.js";
import { importBoard } from "./import-board.js";
import { UsageError } from "./usage-error.js";

export interface BoardOptions {
  window?: string | undefined;
  season?: string | undefined;
}

/** How many of the lines that an import refused are listed in the text output. */
const NAMED_REFUSALS = 10;

/** @returns what to print, as `text` and as `json`, and whether every line was imported or exported (`isWhole`) */
export async function boards(session: ApiSession, words: string[], { window, season }: BoardOptions) {
  const [action, board, file, ...rest] = words;
  if (board === undefined || file === undefined || rest.length > 0) {
    throw new UsageError(
      "boards needs an action, a board and a file: export <board> <file> or import <board> <file>",
    );
  }
  const continued = (count: number) => (count === 0 ? "" : `, continued after ${count}`);
  if (action === "export") {
    const json = await exportBoard(session, board, file, { window, season });
    const text = `Exported ${json.entries} entries of ${board} to ${file}${continued(json.continuedAt)}`;
    return { json, text, isWhole: true };
  }
  if (action !== "import") throw new UsageError(`boards has no action ${action}: use export or import`);
  if (season !== undefined)
    throw new UsageError("boards import has no option --season: it sets the open season");
  const json = await importBoard(session, board, file, window);
  const { lines, imported, refused } = json;
  const named = json.refusals.slice(0, NAMED_REFUSALS);
  const text = [
    `Imported ${imported} of ${lines} lines into ${board}${continued(json.continuedAt)}`,
    ...named.map(({ line, error }) => `  line ${line}: ${error.code}: ${error.message}`),
    ...(refused > named.length ? [`  and ${refused - named.length} more`] : []),
  ];
  return { json, text: text.join("\n"), isWhole: refused === 0 };
}
