import { hash } from "node:crypto";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { ImportReport } from "@grandstand/shared/operations/leaderboard/transfer";
import type { Call } from "./call.js";
import type { Part } from "./line-parts.js";

export type Fields = Record<string, unknown>;

/** More are counted only. */
const MAX_REFUSALS = 1_000;

/** The calls of one upload, and what they come to. */
export class Upload {
  readonly report: ImportReport = { lines: 0, imported: 0, refused: 0, refusals: [] };
  readonly #call: Call;
  #lastLine = 0;

  constructor(call: Call) {
    this.#call = call;
  }

  /**
   * A call with nothing in it: whether the caller may do this, and there is a place for it, shows before much is sent.
   * @throws {GrandstandError} what it answers.
   */
  async open(input: Fields): Promise<void> {
    await this.#carryOut(input);
  }

  /** @throws {GrandstandError} what the call with this part answers. */
  async take(input: Fields, { content, lineShift, lastLine, unread }: Part): Promise<void> {
    const { report } = this;
    const key = input.idempotencyKey;
    const { lines, imported, refused, refusals } = await this.#carryOut({
      ...input,
      content,
      ...(key !== undefined && { idempotencyKey: keyOfPart(String(key), lineShift) }),
    });
    const all = [
      ...unread.map(({ line, error }) => ({ line, member: null, error: error.toWire() })),
      ...refusals.map((refusal) => ({ ...refusal, line: refusal.line + lineShift })),
    ].sort((one, other) => one.line - other.line);
    report.lines += lines + unread.length;
    report.imported += imported;
    report.refused += refused + unread.length;
    report.refusals.push(...all.slice(0, MAX_REFUSALS - report.refusals.length));
    this.#lastLine = lastLine;
  }

  /** What to tell of an error that ended the upload. */
  failureOf(error: GrandstandError): WireError {
    const wireError = error.toWire();
    if (this.#lastLine === 0) return wireError;
    return {
      ...wireError,
      message: `${wireError.message}. Lines 1 to ${this.#lastLine} had been taken before`,
    };
  }

  async #carryOut(input: Fields): Promise<ImportReport> {
    const ack = await this.#call(input);
    if (ack.ok) return ack.data as ImportReport;
    throw GrandstandError.fromWire(ack.error);
  }
}

/** Each part has an answer of its own, which a repeat of the same body gets under the same key. */
function keyOfPart(key: string, lineShift: number): string {
  return hash("sha256", `${key}\n${lineShift}`, "base64url");
}
