import { boardConfig } from "@grandstand/shared/operations/leaderboard/boards";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { cap, tokenCall, userCall } from "../../../test/support/callers.js";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { freshId } from "../../../test/support/names.js";
import type { Call } from "../../core/call.js";
import { type LeaderboardModule, leaderboardModule } from "./module.js";

let fixture: DomainFixture;
let boards: LeaderboardModule["operations"];
let board: string;

beforeAll(async () => {
  fixture = await domainFixture();
  boards = leaderboardModule(fixture.dependencies).operations;
});

afterAll(() => fixture.redis.close());

beforeEach(async () => {
  board = freshId("board");
  await boards["leaderboard.configure"](
    { board, ...boardConfig.parse({ submit: "server", max: 10 }) },
    serverCall,
  );
});

const forbidden = { code: "forbidden" };
const player = () => tokenCall("ann", { caps: [cap(`leaderboard:${board}`, "submit")] });

function submit(call: Call, more: { member?: string; score?: number; operator?: "sum" } = {}) {
  return boards["leaderboard.submit"]({ board, member: "ann", score: 3, ...more }, call);
}

it("LB8: a user with the right to submit may write the user's own entry on a board with `submit: server`", async () => {
  await expect(submit(userCall("ann"))).rejects.toMatchObject(forbidden);
  expect(await submit(player())).toMatchObject({
    entry: { member: "ann", score: 3, profile: { name: "ann" } },
  });
  await expect(submit(tokenCall("ann", { caps: [cap("leaderboard:x*", "submit")] }))).rejects.toMatchObject(
    forbidden,
  );
  await expect(submit(tokenCall("ann", { role: "moderator" }))).rejects.toMatchObject(forbidden);
});

it("LB8: no right lets a user write another user's entry, choose the operator or exceed the bounds", async () => {
  const everything = tokenCall("ann", { caps: [cap("*", "subscribe", "publish", "submit", "moderate")] });
  for (const call of [player(), everything]) {
    await expect(submit(call, { member: "bo" })).rejects.toMatchObject({
      ...forbidden,
      issues: [{ rule: "own" }],
    });
    await expect(submit(call, { operator: "sum" })).rejects.toMatchObject({
      ...forbidden,
      issues: [{ rule: "server" }],
    });
    await expect(submit(call, { score: 11 })).rejects.toMatchObject({
      code: "conflict",
      issues: [{ rule: "max" }],
    });
  }
});

it("LB8: moderators can read hidden members with `lookup`, `entry` and `around`; other users can't look them up", async () => {
  await submit(serverCall);
  await submit(serverCall, { member: "bo", score: 5 });
  await boards["leaderboard.hide"]({ board, member: "bo" }, serverCall);
  const ranking = "ordinal" as const;
  const seenBy = async (call: Call) => {
    const { entries } = await boards["leaderboard.lookup"]({ board, members: ["bo"], ranking }, call);
    return entries.map(({ member }) => member);
  };
  const moderators = [
    tokenCall("zoe", { caps: [cap(`leaderboard:${board}`, "subscribe", "moderate")] }),
    tokenCall("zoe", { role: "moderator" }),
  ];
  for (const moderator of moderators) {
    expect(await seenBy(moderator)).toEqual(["bo"]);
    expect(await boards["leaderboard.entry"]({ board, member: "bo", ranking }, moderator)).toMatchObject({
      score: 5,
    });
    const around = await boards["leaderboard.around"]({ board, member: "bo", radius: 1, ranking }, moderator);
    expect(around.entries.length).toBeGreaterThan(0);
  }
  expect(await seenBy(userCall("zoe"))).toEqual([]);
  expect(await seenBy(tokenCall("zoe", { caps: [cap("*", "subscribe", "publish", "submit")] }))).toEqual([]);
});
