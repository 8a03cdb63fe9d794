import { hash } from "node:crypto";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import type { Call } from "./call.js";
import type { Part } from "./line-parts.js";

export type Fields = Record<string, unknown>;

/** The most refusals that a report lists. Further ones are only counted. */
const MAX_REFUSALS = 1_000;

/** Makes the calls of one upload and sums up their reports. */
export class Upload {
  readonly report: ImportReport = { lines: 0, imported: 0, refused: 0, refusals: [] };
  readonly #call: Call;
  #lastLine = 0;

  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * Makes a call without lines, so that a caller without access is refused before the body is read.
   * @throws {GrandstandError} the error of the call.
   */
  async open(input: Fields): Promise<void> {
    await this.#carryOut(input);
  }

  /**
   * Makes the call with one part.
   * @throws {GrandstandError} the error of the call.
   */
  async take(input: Fields, { content, lineShift, lastLine, unread }: Part): Promise<void> {
    const { report } = this;
    const key = input.idempotencyKey;
    const { lines, imported, refused, refusals, ignoredColumns } = await this.#carryOut({
      ...input,
      content,
      ...(key !== undefined && { idempotencyKey: keyOfPart(String(key), lineShift) }),
    });
    const all = [
      ...unread.map(({ line, error }) => ({ line, member: null, error: wireErrorOf(error) })),
      ...refusals.map((refusal) => ({ ...refusal, line: refusal.line + lineShift })),
    ].sort((one, other) => one.line - other.line);
    report.lines += lines + unread.length;
    report.imported += imported;
    report.refused += refused + unread.length;
    report.refusals.push(...all.slice(0, MAX_REFUSALS - report.refusals.length));
    if (ignoredColumns) {
      report.ignoredColumns = [...new Set([...(report.ignoredColumns ?? []), ...ignoredColumns])];
    }
    this.#lastLine = lastLine;
  }

  /** The error that ended the upload. Its message also says which lines had been processed. */
  failureOf(error: GrandstandError): WireError {
    const wireError = wireErrorOf(error);
    if (this.#lastLine === 0) return wireError;
    return {
      ...wireError,
      message: `${wireError.message}. Lines 1 to ${this.#lastLine} had been processed before`,
    };
  }

  async #carryOut(input: Fields): Promise<ImportReport> {
    const ack = await this.#call(input);
    if (ack.ok) return ack.data as ImportReport;
    throw GrandstandError.fromWire(ack.error);
  }
}

/** Each part has its own idempotency key. A repeat of the body has the same keys. */
function keyOfPart(key: string, lineShift: number): string {
  return hash("sha256", `${key}\n${lineShift}`, "base64url");
}
