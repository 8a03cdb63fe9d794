import { GrandstandError } from "@grandstand/shared/errors";
import type { JsonObject } from "@grandstand/shared/json";
import type {
  Submission,
  SubmitManyResult,
  SubmitResult,
} from "@grandstand/shared/operations/leaderboard/scores";
import type { Profile } from "@grandstand/shared/user";
import { grantsOf } from "../../authz/grants.js";
import type { Caller } from "../../core/caller.js";
import type { ScriptArgument } from "../../redis/positional-scripts.js";
import { parseJson } from "./entry-codec.js";
import { ruleBroken } from "./refusals.js";

/** Scores that one run of submit.lua takes: more would keep Redis from its other callers for too long. */
const SCORES_PER_RUN = 100;

/** A score as submit.lua takes it: an imported one says when it was reached, and who the member is. */
export interface ScoreArguments extends Submission {
  reachedAtMs?: number | undefined;
  profile?: Profile | null | undefined;
}

/** Splits scores into what one run takes each. */
export function runsOf<T>(scores: T[]): T[][] {
  return Array.from({ length: Math.ceil(scores.length / SCORES_PER_RUN) }, (_, run) =>
    scores.slice(run * SCORES_PER_RUN, (run + 1) * SCORES_PER_RUN),
  );
}

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

/** Whether a caller writes as servers do: a token with the right to submit opens boards that only they write to. */
function writesAsServer(caller: Caller, board: string): boolean {
  return caller.kind !== "user" || grantsOf(caller, `leaderboard:${board}`).has("submit");
}

/** What submit.lua takes behind the windows. */
export function submitArguments(
  caller: Caller,
  board: string,
  detail: "full" | "brief",
  scores: ScoreArguments[],
): ScriptArgument[] {
  const rows = scores.map(argumentsOf);
  const width = Math.max(...rows.map((row) => row.length));
  const args: ScriptArgument[] = [
    writesAsServer(caller, board) ? "server" : "member",
    detail,
    caller.kind === "user" ? profileText(caller.user) : "",
    width,
  ];
  for (const row of rows) for (let at = 0; at < width; at += 1) args.push(row[at] ?? "");
  return args;
}

/** Number to string and back is exact in JavaScript and in Lua. */
function argumentsOf(one: ScoreArguments): string[] {
  const { member, score, subscore, metadata, operator, reachedAtMs, profile } = one;
  const row = [
    member,
    String(score),
    subscore === undefined ? "" : String(subscore),
    metadata === undefined ? "" : JSON.stringify(metadata),
    operator ?? "",
    reachedAtMs === undefined ? "" : String(reachedAtMs),
    profile ? JSON.stringify(profile) : "",
  ];
  return row.slice(0, row.findLastIndex((argument) => argument !== "") + 1);
}

function profileText({ name, avatar }: { name: string | null; avatar: string | null }): string {
  return name === null ? "" : JSON.stringify({ name, avatar } satisfies Profile);
}

/**
 * Reads a full result of submit.lua.
 * @throws {GrandstandError} `conflict` naming the rule that refused the score.
 */
export function submitResultOf(member: string, [status, ...result]: (string | string[])[]): SubmitResult {
  if (status !== "ok") throw ruleBroken(status as string, result[0] as string, result[1] as string);
  const [improved, reachedAt, profile, metadata] = result as string[];
  const standings = (result.slice(4) as string[][]).map(standingOf);
  const { entry, previous } = standings[0]!;
  return {
    entry: {
      member,
      ...entry,
      metadata: parseJson<JsonObject>(metadata!),
      profile: parseJson<Profile>(profile!),
      reachedAt: new Date(Number(reachedAt)).toISOString(),
    },
    previous,
    improved: improved === "1",
    windows: Object.fromEntries(standings.map(({ window, standing }) => [window, standing])),
  };
}

/** One window of a full result: what the entry is there and what it was. */
function standingOf([window, season, score, subscore, rank, scoreAhead, isKept, ...before]: string[]) {
  const entry = { score: Number(score), subscore: Number(subscore), rank: Number(rank) };
  const [scoreBefore, subscoreBefore, rankBefore] = before.map(Number);
  const previous =
    rankBefore === undefined ? null : { score: scoreBefore!, subscore: subscoreBefore!, rank: rankBefore };
  return {
    window: window!,
    entry,
    previous,
    standing: {
      season: season!,
      rank: isKept === "1" ? entry.rank : null,
      previousRank: previous?.rank ?? null,
      toNextRank: scoreAhead === "" ? null : Math.abs(Number(scoreAhead) - entry.score),
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
