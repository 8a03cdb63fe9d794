import { GrandstandError } from "@grandstand/shared/errors";
import type { JsonObject } from "@grandstand/shared/json";
import type { Submission, SubmitManyResult, SubmitResult } from "@grandstand/shared/operations/leaderboard";
import type { Profile } from "@grandstand/shared/user";
import type { Caller } from "../../calls/caller.js";
import type { ScriptArgument } from "../../redis/scripts.js";
import { parseJson } from "./layout.js";
import { ruleBroken } from "./refusals.js";
import { ALL } from "./store.js";

/** Scores that one run of submit.lua takes: more would keep Redis from its other callers for too long. */
export const SCORES_PER_RUN = 100;

/**
 * Users write their own entry, by the board's rules; servers write any.
 * @throws {GrandstandError} `forbidden`
 */
export function checkWriter(caller: Caller, submission: Submission): void {
  if (caller.kind !== "user") return;
  if (submission.member !== caller.user.id) {
    throw new GrandstandError("forbidden", "A user may submit only as the member with the own user id", {
      issues: [{ path: "member", rule: "own", message: "must be the caller's own user id" }],
    });
  }
  if (submission.operator !== undefined) {
    throw new GrandstandError("forbidden", "Only a server with an API key may choose the operator", {
      issues: [{ path: "operator", rule: "server", message: "may be given by API keys only" }],
    });
  }
}

/** The arguments of submit.lua behind its head. */
export function submitArguments(
  caller: Caller,
  detail: "full" | "brief",
  submissions: Submission[],
): ScriptArgument[] {
  const rows = submissions.map(argumentsOf);
  const width = Math.max(...rows.map((row) => row.length));
  const args: ScriptArgument[] = [
    caller.kind === "user" ? "member" : "server",
    detail,
    caller.kind === "user" ? profileText(caller.user) : "",
    width,
  ];
  for (const row of rows) for (let at = 0; at < width; at += 1) args.push(row[at] ?? absent[at]!);
  return args;
}

/** What stands for an argument that a score does not have. */
const absent = ["", "", "0", "", ""];

/** Number to string and back is exact in JavaScript and in Lua. */
function argumentsOf({ member, score, subscore, metadata, operator }: Submission): string[] {
  const row = [member, String(score)];
  if (subscore === undefined && metadata === undefined && operator === undefined) return row;
  row.push(String(subscore ?? 0));
  if (metadata === undefined && operator === undefined) return row;
  row.push(metadata === undefined ? "" : JSON.stringify(metadata));
  if (operator !== undefined) row.push(operator);
  return row;
}

function profileText({ name, avatar }: { name: string | null; avatar: string | null }): string {
  return name === null ? "" : JSON.stringify({ name, avatar } satisfies Profile);
}

/**
 * Reads a full result of submit.lua.
 * @throws {GrandstandError} `conflict` naming the rule that refused the score.
 */
export function submitResultOf(member: string, result: string[]): SubmitResult {
  const [status, score, subscore, rank, improved, reachedAt, profile, metadata, ...before] = result;
  if (status !== "ok") throw ruleBroken(status!, score, subscore);
  const previous =
    before.length === 0
      ? null
      : { score: Number(before[0]), subscore: Number(before[1]), rank: Number(before[2]) };
  return {
    entry: {
      member,
      score: Number(score),
      subscore: Number(subscore),
      rank: Number(rank),
      metadata: parseJson<JsonObject>(metadata!),
      profile: parseJson<Profile>(profile!),
      reachedAt: new Date(Number(reachedAt)).toISOString(),
    },
    previous,
    improved: improved === "1",
    windows: {
      all: { season: ALL.season, rank: Number(rank), previousRank: previous?.rank ?? null },
    },
  };
}

/** Reads a brief result of submit.lua. */
export function briefResultOf(member: string, result: string[]): SubmitManyResult["results"][number] {
  const [status, score, subscore, rank, improved] = result;
  if (status !== "ok") return { ok: false, member, error: ruleBroken(status!, score, subscore).toWire() };
  return {
    ok: true,
    member,
    score: Number(score),
    subscore: Number(subscore),
    rank: Number(rank),
    improved: improved === "1",
  };
}
