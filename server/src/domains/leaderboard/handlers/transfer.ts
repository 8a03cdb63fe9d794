import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import { memberId } from "@grandstand/shared/ids";
import { timestamp } from "@grandstand/shared/json";
import { limits } from "@grandstand/shared/limits";
import { metadata, score } from "@grandstand/shared/operations/leaderboard/entry";
import { profile } from "@grandstand/shared/user";
import { z } from "zod";
import { partOf } from "../../../redis/idempotency.js";
import type { BoardContext } from "../context.js";
import { decodeCursor } from "../cursor.js";
import { pageOf } from "../pages.js";
import { entriesAfterScript, entriesScript, submitScript } from "../scripts.js";
import { BoardStore } from "../store.js";
import { briefResultOf, runsOf, submitArguments } from "../submissions.js";
import { linesOf, type ReadLine, readLines } from "../transfer-format.js";
import type { LeaderboardHandlers } from "./domain.js";

/** A line of an import. What an export wrote can be given back as it is. */
const importedEntry = z.strictObject({
  member: memberId,
  score,
  subscore: score.nullish(),
  metadata: metadata.nullish(),
  profile: profile.nullish(),
  reachedAt: timestamp.nullish(),
  /** It follows from the rest. */
  rank: z.unknown().optional(),
});

type ImportedEntry = z.infer<typeof importedEntry>;

interface Refusal {
  line: number;
  member: string | null;
  error: WireError;
}

export function transferHandlers(context: BoardContext): LeaderboardHandlers<"export" | "import"> {
  return {
    "leaderboard.export": async ({ board, format, limit, cursor, ...choice }) => {
      const store = new BoardStore(context, board);
      const at = cursor === undefined ? null : decodeCursor(cursor, choice);
      const { reply, season } = at
        ? await store.read(entriesAfterScript, at, ["ordinal", at.score, at.place, limit])
        : await store.read(entriesScript, choice, ["ordinal", 0, limit]);
      const { entries, nextCursor } = pageOf("ordinal", season, reply);
      return { content: linesOf(format, entries, at === null), nextCursor };
    },

    "leaderboard.import": async ({ board, format, window, content }, { caller, idempotency }) => {
      const store = new BoardStore(context, board);
      const { window: into } = await store.chosen({ ...(window !== undefined && { window }) });
      const lines = readLines(format, content);
      if (lines.length > limits.linesPerImport) throw tooManyLines();
      const { entries, refusals } = sorted(lines);
      for (const [number, run] of runsOf(entries).entries()) {
        const args = submitArguments(
          caller,
          "brief",
          run.map(({ entry }) => scoreOf(entry)),
        );
        const results = await store.write(submitScript, partOf(idempotency, number), args, into);
        results.forEach((result, at) => {
          const { line, entry } = run[at]!;
          const outcome = briefResultOf(entry.member, result as string[]);
          if (!outcome.ok) refusals.push({ line, member: entry.member, error: outcome.error as WireError });
        });
      }
      return {
        lines: lines.length,
        imported: lines.length - refusals.length,
        refused: refusals.length,
        refusals: refusals.sort((one, other) => one.line - other.line),
      };
    },
  };
}

/** Parts lines that hold an entry from those that are refused as they stand. */
function sorted(lines: ReadLine[]) {
  const entries: { line: number; entry: ImportedEntry }[] = [];
  const refusals: Refusal[] = [];
  for (const { line, row, fault } of lines) {
    const parsed = fault === null ? importedEntry.safeParse(row) : null;
    if (parsed?.success) entries.push({ line, entry: parsed.data });
    else refusals.push({ line, member: null, error: refusalOf(fault, parsed?.error) });
  }
  return { entries, refusals };
}

function refusalOf(fault: string | null, error: z.ZodError | undefined): WireError {
  const issues = error?.issues.map(({ path, message }) => ({
    path: path.join("."),
    rule: "format",
    message,
  })) ?? [{ path: "", rule: "format", message: fault ?? "" }];
  const [first] = issues;
  return { code: "bad_request", message: `${first?.path || "The line"} ${first?.message}`, issues };
}

function scoreOf({ member, score, subscore, metadata, profile, reachedAt }: ImportedEntry) {
  return {
    member,
    score,
    subscore: subscore ?? undefined,
    // As the line says, whatever was there before.
    metadata: metadata ?? null,
    profile,
    operator: "last" as const,
    reachedAtMs: reachedAt == null ? undefined : Date.parse(reachedAt),
  };
}

function tooManyLines(): GrandstandError {
  const message = `must have at most ${limits.linesPerImport} lines`;
  return new GrandstandError("bad_request", `content ${message}`, {
    issues: [{ path: "content", rule: "max", message }],
  });
}
