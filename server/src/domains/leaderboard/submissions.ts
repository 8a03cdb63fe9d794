import { GrandstandError } from "@grandstand/shared/errors";
import type { JsonObject } from "@grandstand/shared/json";
import type {
  Submission,
  SubmitManyResult,
  SubmitResult,
} from "@grandstand/shared/operations/leaderboard/scores";
import type { Profile } from "@grandstand/shared/user";
import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import { grantsOf } from "../../authz/grants.js";
import { type Caller, checkStatedProfile } from "../../core/caller.js";
import { toIsoTime } from "../../core/iso-time.js";
import { parseJson } from "./entry-codec.js";
import { ruleBroken } from "./script-errors.js";
import { storedId } from "./stored-id.js";

/** How many scores one run of submit.lua takes. It is small, because Redis serves no other command while a script runs. */
const SCORES_PER_RUN = 100;

/** A score for submit.lua. Only an imported score may have `reachedAtMs`. */
export interface ScoreToWrite extends Submission {
  reachedAtMs?: number | undefined;
}

/** Splits scores into runs of submit.lua. */
export function runsOf<T>(scores: T[]): T[][] {
  return Array.from({ length: Math.ceil(scores.length / SCORES_PER_RUN) }, (_, run) =>
    scores.slice(run * SCORES_PER_RUN, (run + 1) * SCORES_PER_RUN),
  );
}

/**
 * A user may submit only to its own entry, and only with the board's `operator` (such as `best`). A server may submit to
 * any entry, and choose another operator.
 * @throws {GrandstandError} `forbidden`
 */
export function checkSubmitter(caller: Caller, submission: Submission): void {
  if (caller.kind !== "user") return;
  if (submission.member !== caller.user.id) {
    throw new GrandstandError("forbidden", "A user may submit only with its own user id as member", {
      issues: [{ path: "member", rule: "own", message: "must be the caller's own user id" }],
    });
  }
  if (submission.operator !== undefined) {
    throw new GrandstandError("forbidden", "Only a server with an API key may choose the operator", {
      issues: [{ path: "operator", rule: "server", message: "may be given by API keys only" }],
    });
  }
  checkStatedProfile(caller, submission.profile);
}

/** Whether a caller may write to a board whose rule `submit` is "server". A user needs the right to submit for this. */
function writesAsServer(caller: Caller, board: string): boolean {
  return caller.kind !== "user" || grantsOf(caller, `leaderboard:${board}`).has("submit");
}

/** The arguments of submit.lua. */
export function submitArguments(
  caller: Caller,
  board: string,
  detail: "full" | "brief",
  scores: ScoreToWrite[],
) {
  return {
    writer: writesAsServer(caller, board) ? "server" : "member",
    detail,
    profile: caller.kind === "user" ? profileText(caller.user) : "",
    scores: scores.map(({ member, score, subscore, metadata, operator, reachedAtMs, profile }) => ({
      member: storedId(member),
      // JavaScript writes the shortest decimal form, which Lua reads as exactly the same double.
      score: String(score),
      subscore: subscore === undefined ? "" : String(subscore),
      metadata: metadata === undefined ? "" : JSON.stringify(metadata),
      operator: operator ?? "",
      reachedAtMs: reachedAtMs ?? "",
      profile: profile === undefined ? "" : JSON.stringify(profile),
    })),
  };
}

/** The profiles in submitted scores, by member. */
export function submittedProfiles(
  scores: readonly { member: string; profile?: Profile | null | undefined }[],
): [string, Profile | null][] {
  return scores.flatMap(({ member, profile }) => (profile === undefined ? [] : [[member, profile]]));
}

function profileText({ name, avatar }: { name: string | null; avatar: string | null }): string {
  return name === null ? "" : JSON.stringify({ name, avatar } satisfies Profile);
}

/**
 * Reads a full result of submit.lua.
 * @throws {GrandstandError} `conflict` for a refused score. The error names the rule
 */
export function submitResultOf(member: string, [status, ...result]: string[]): SubmitResult {
  if (status !== "ok") throw ruleBroken(status!, result[0], result[1]);
  const [improved, reachedAt, profile, metadata, ...texts] = result;
  const placements = texts.map(placementOf);
  const { entry, previous } = placements[0]!;
  return {
    entry: {
      member,
      ...entry,
      metadata: parseJson<JsonObject>(metadata!),
      profile: parseJson<Profile>(profile!),
      reachedAt: toIsoTime(reachedAt),
    },
    previous,
    improved: improved === "1",
    windows: Object.fromEntries(placements.map(({ window, placement }) => [window, placement])),
  };
}

/** Reads the placement of one window in a full result. */
function placementOf(text: string) {
  const [window, season, score, subscore, rank, scoreAhead, isRetained, ...before] = text.split(" ");
  const entry = { score: Number(score), subscore: Number(subscore), rank: Number(rank) };
  const [scoreBefore, subscoreBefore, rankBefore] = before.map(Number);
  const previous =
    rankBefore === undefined ? null : { score: scoreBefore!, subscore: subscoreBefore!, rank: rankBefore };
  return {
    window: window!,
    entry,
    previous,
    placement: {
      season: season!,
      rank: isRetained === "1" ? entry.rank : null,
      previousRank: previous?.rank ?? null,
      toNextRank: scoreAhead === "-" ? null : gap(Number(scoreAhead), entry.score),
    },
  };
}

/** The difference between two scores, but at most the largest double. */
function gap(ahead: number, score: number): number {
  return Math.min(Math.abs(ahead - score), Number.MAX_VALUE);
}

/** Reads a brief result of submit.lua. */
export function briefResultOf(member: string, result: string[]): SubmitManyResult["results"][number] {
  const [status, score, subscore, rank, improved] = result;
  if (status !== "ok") return { ok: false, member, error: wireErrorOf(ruleBroken(status!, score, subscore)) };
  return {
    ok: true,
    member,
    score: Number(score),
    subscore: Number(subscore),
    rank: Number(rank),
    improved: improved === "1",
  };
}
