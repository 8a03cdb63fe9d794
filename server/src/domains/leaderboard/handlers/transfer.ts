import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import { memberId } from "@grandstand/shared/ids";
import { timestamp } from "@grandstand/shared/json";
import { limits } from "@grandstand/shared/limits";
import { exactMetadata, exactScore } from "@grandstand/shared/operations/leaderboard/entry";
import { profile } from "@grandstand/shared/user";
import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import { z } from "zod";
import type { DomainHandlers } from "../../../core/handler.js";
import { plainJson } from "../../../core/plain-json.js";
import { validate } from "../../../core/validation.js";
import { partOf } from "../../../redis/idempotency.js";
import { entriesQuery, readPage } from "../page-queries.js";
import { entriesScript, submitScript } from "../scripts.js";
import type { BoardStore, BoardStores } from "../store.js";
import { briefResultOf, runsOf, submitArguments, submittedProfiles } from "../submissions.js";
import { linesOf, type ReadLine, readLines } from "../transfer-format.js";

/** The clock of the importing system may be ahead of this node's clock by this much. */
const CLOCKS_DIFFER_MS = 60_000;

/** A line of an import. Lines of an export are valid, too. */
const importedEntry = z.strictObject({
  member: memberId,
  score: exactScore,
  subscore: exactScore.nullish(),
  metadata: exactMetadata.nullish(),
  profile: profile.nullish(),
  reachedAt: timestamp
    .refine((at) => Date.parse(at) >= 0, "must not be before 1970")
    .refine((at) => Date.parse(at) <= Date.now() + CLOCKS_DIFFER_MS, "must not be in the future")
    .nullish(),
  /** Ignored, because the board ranks the entry. */
  rank: z.unknown().optional(),
});

type ImportedEntry = z.infer<typeof importedEntry>;

interface Refusal {
  line: number;
  member: string | null;
  error: WireError;
}

export function transferHandlers(stores: BoardStores) {
  return {
    "leaderboard.export": async ({ board, format, limit, cursor, safe, ...choice }) => {
      const query = entriesQuery({ board, limit, cursor, ranking: "ordinal", ...choice });
      const { entries, nextCursor } = await readPage(stores, query);
      await stores.dependencies.profiles.show(entries);
      return { content: linesOf(format, entries, cursor === undefined, safe), nextCursor };
    },

    "leaderboard.import": async (
      { board, format, window, content, unknownColumns },
      { caller, idempotency },
    ) => {
      const { lines, ignoredColumns } = readLines(format, content, {
        ignoresUnknown: unknownColumns === "ignore",
        isEntry: (row) => importedEntry.safeParse(row).success,
      });
      if (lines.length > limits.linesPerImport) throw tooManyLines();
      const store = stores.of(board);
      const into = await windowOf(store, window);
      const { entries, refusals } = validated(lines);
      for (const [number, run] of runsOf(entries).entries()) {
        const args = submitArguments(
          caller,
          board,
          "brief",
          run.map(({ entry }) => scoreOf(entry)),
        );
        const { results } = await store.write(submitScript, partOf(idempotency, number), args, into);
        const written: ImportedEntry[] = [];
        results.forEach((result, at) => {
          const { line, entry } = run[at]!;
          const outcome = briefResultOf(entry.member, result as unknown as string[]);
          if (outcome.ok) written.push(entry);
          else refusals.push({ line, member: entry.member, error: outcome.error as WireError });
        });
        const submitted = written.map(({ member, profile: given }) => ({
          member,
          profile: given ?? undefined,
        }));
        await stores.dependencies.profiles.setMany(submittedProfiles(submitted), partOf(idempotency, number));
      }
      return {
        lines: lines.length,
        imported: lines.length - refusals.length,
        refused: refusals.length,
        refusals: refusals.sort((one, other) => one.line - other.line),
        ...(ignoredColumns.length > 0 && { ignoredColumns }),
      };
    },
  } satisfies Partial<DomainHandlers<"leaderboard">>;
}

/**
 * The name of the window to import into, by default the board's first window. Always reads the board: the read
 * refreshes the season cache, and an import into an unknown board or window fails even if it has no lines.
 * @throws {GrandstandError} `not_found` when there is no such board or window
 */
async function windowOf(store: BoardStore, window: string | undefined): Promise<string> {
  const choice = window === undefined ? {} : { window };
  const { season } = await store.read(entriesScript, choice, { rule: "ordinal", offset: 0, limit: 1 });
  return season.window;
}

/** Separates lines with a valid entry from lines that are refused. */
function validated(lines: ReadLine[]) {
  const entries: { line: number; entry: ImportedEntry }[] = [];
  const refusals: Refusal[] = [];
  for (const { line, row, fault } of lines) {
    try {
      if (fault !== null) throw unreadable(fault);
      entries.push({ line, entry: validate(importedEntry, plainJson(row), "The line") });
    } catch (error) {
      if (!(error instanceof GrandstandError)) throw error;
      refusals.push({ line, member: memberIn(row), error: wireErrorOf(error) });
    }
  }
  return { entries, refusals };
}

function unreadable(fault: string): GrandstandError {
  return new GrandstandError("bad_request", `The line ${fault}`, {
    issues: [{ path: "", rule: "format", message: fault }],
  });
}

/** The member of a refused line, if the line has a valid one. */
function memberIn(row: unknown): string | null {
  return memberId.safeParse((row as { member?: unknown } | null)?.member).data ?? null;
}

function scoreOf({ member, score, subscore, metadata, profile, reachedAt }: ImportedEntry) {
  return {
    member,
    score,
    subscore: subscore ?? undefined,
    // An entry gets the metadata of its line, so a line without metadata removes the entry's old metadata.
    metadata: metadata ?? null,
    // A line without a profile leaves the old profile unchanged.
    profile: profile ?? undefined,
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
