import { GrandstandError } from "@grandstand/shared/errors";
import type { ImportReport, TransferFormat } from "@grandstand/shared/operations/leaderboard/transfer";
import type { CallOperation } from "./call-operation.js";
import { type ImportContent, partsOf } from "./import-parts.js";

/** How many refusals a report gives the reason of. */
const REFUSALS_TOLD = 1_000;

/** Imports part after part, and sums up what is said of them; lines are counted over all parts. */
export async function importLines(
  call: CallOperation,
  board: string,
  content: ImportContent,
  { format = "ndjson", window }: { format?: TransferFormat | undefined; window?: string | undefined },
): Promise<ImportReport> {
  const report: ImportReport = { lines: 0, imported: 0, refused: 0, refusals: [] };
  const add = ({ lines, imported, refused, refusals }: ImportReport) => {
    report.lines += lines;
    report.imported += imported;
    report.refused += refused;
    report.refusals.push(...refusals.slice(0, REFUSALS_TOLD - report.refusals.length));
  };
  const parts = partsOf(content, format, (line) => add(tooLong(line)));
  for await (const { content: part, lineNumbers } of parts) {
    const { refusals, ...counts } = await call("leaderboard.import", {
      board,
      format,
      window,
      content: part,
    });
    add({
      ...counts,
      refusals: refusals.map((refusal) => ({
        ...refusal,
        line: lineNumbers[refusal.line - 1] ?? refusal.line,
      })),
    });
  }
  report.refusals.sort((one, other) => one.line - other.line);
  return report;
}

function tooLong(line: number): ImportReport {
  const error = new GrandstandError("payload_too_large", "The line is longer than a call may be").toWire();
  return { lines: 1, imported: 0, refused: 1, refusals: [{ line, member: null, error }] };
}
