import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall, userCall } from "../../../test/support/domain.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import { isCluster, redisClient } from "../../../test/support/redis-client.js";
import type { EncodedResult } from "../../core/encoded-result.js";
import { type LeaderboardModule, leaderboardModule } from "./module.js";
import { SeasonCache } from "./season-cache.js";

let fixture: DomainFixture;
let boards: LeaderboardModule["operations"];
let encoded: Required<NonNullable<LeaderboardModule["encodedOperations"]>>;
let board: string;
let clockMs: number;

beforeAll(async () => {
  fixture = await domainFixture();
  const module = leaderboardModule(fixture.dependencies, new SeasonCache(() => clockMs));
  boards = module.operations;
  encoded = module.encodedOperations as typeof encoded;
});

afterAll(() => fixture.redis.close());

beforeEach(async () => {
  clockMs = Date.now();
  board = freshId("board");
  await boards["leaderboard.configure"]({ board, windows: ["all", "weekly"] }, serverCall);
  await submit("ann", 10);
  await submit("bo", 20);
});

const ranking = "ordinal" as const;

function submit(member: string, score: number, more: object = {}) {
  return boards["leaderboard.submit"]({ board, member, score, operator: "last", ...more }, serverCall);
}

function top(ifNoneMatch: string | null, more: { window?: string; season?: string } = {}) {
  const input = { board, ranking, limit: 10, ...more };
  return encoded["leaderboard.entries"](input, { ...serverCall, ifNoneMatch });
}

const decoded = ({ json }: EncodedResult) => JSON.parse(json.toString());
const membersOf = (result: EncodedResult) =>
  decoded(result).entries.map(({ member }: { member: string }) => member);

/** The commands about this board that a client sends during `run`. Commands inside of scripts do not count. */
async function commandsOf(run: () => Promise<unknown>): Promise<string[]> {
  const lines = await monitor(fixture.redis.commands, async () => void (await run()));
  return (
    lines
      .filter((line) => !line.startsWith("[lua]") && line.includes(board))
      .map((line) => /^\[[^\]]*\] "(\w+)"/.exec(line)![1]!.toLowerCase())
      // The first run of a script on a connection is an EVAL, each later one an EVALSHA.
      .map((command) => command.replace(/^eval(sha)?$/, "script"))
  );
}

describe("LB11: an answer whose entity tag the caller sends", () => {
  it("is confirmed by one HMGET while nothing has changed", async () => {
    const { etag } = await top(null);
    const again: EncodedResult[] = [];
    expect(await commandsOf(async () => again.push(await top(etag)))).toEqual(["hmget"]);
    expect(again[0]!.etag).toBe(etag);
    expect(await commandsOf(() => top('"another"'))).toEqual(["script"]);
  });

  it("is confirmed by one HMGET for `leaderboard.around` from the second request that sends the tag", async () => {
    const around = (ifNoneMatch: string | null) =>
      encoded["leaderboard.around"](
        { board, ranking, member: "ann", radius: 2 },
        { ...userCall("ann"), ifNoneMatch },
      );
    const { etag } = await around(null);
    expect(await commandsOf(() => around(etag))).toEqual(["script"]);
    expect(await commandsOf(() => around(etag))).toEqual(["hmget"]);
  });

  it("is confirmed by one HMGET for a later page from the second request that sends the tag", async () => {
    const later = (ifNoneMatch: string | null) =>
      encoded["leaderboard.entries"]({ board, ranking, limit: 1, offset: 1 }, { ...serverCall, ifNoneMatch });
    const { etag } = await later(null);
    expect(await commandsOf(() => later(etag))).toEqual(["script"]);
    expect(await commandsOf(() => later(etag))).toEqual(["hmget"]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ["a score was submitted", () => submit("ann", 30)],
    [
      "metadata was changed",
      () => boards["leaderboard.setMetadata"]({ board, member: "ann", metadata: { a: 1 } }, serverCall),
    ],
    ["a member was hidden", () => boards["leaderboard.hide"]({ board, member: "ann" }, serverCall)],
    ["an entry was removed", () => boards["leaderboard.remove"]({ board, member: "ann" }, serverCall)],
    [
      "a member was renamed",
      () => fixture.dependencies.profiles.set("ann", { name: freshId("Ann"), avatar: null }, null),
    ],
    [
      "a profile was set with a score",
      () => submit("ann", 10, { profile: { name: freshId("A"), avatar: null } }),
    ],
    ["the season was closed", () => boards["leaderboard.close"]({ board, window: "all" }, serverCall)],
    [
      "the board got another first window",
      async () => {
        await boards["leaderboard.configure"]({ board, windows: ["weekly", "all"] }, serverCall);
      },
    ],
    [
      "the board was deleted and created again",
      async () => {
        await boards["leaderboard.delete"]({ board }, serverCall);
        await boards["leaderboard.configure"]({ board }, serverCall);
      },
    ],
  ])("is replaced by the present answer after %s", async (_what, change) => {
    await fixture.dependencies.profiles.set("ann", { name: "Ann", avatar: null }, null);
    const { etag } = await top(null);
    expect((await top(etag)).etag).toBe(etag);
    await change();
    const after = await top(etag);
    expect(after.etag).not.toBe(etag);
    const plain = await boards["leaderboard.entries"]({ board, ranking, limit: 10 }, serverCall);
    await fixture.dependencies.profiles.show(plain);
    expect(decoded(after)).toEqual(plain);
    // A caller without a tag gets the same answer.
    expect((await top(null)).json).toEqual(after.json);
  });

  it("is replaced by the present answer after a hidden member was shown again", async () => {
    await boards["leaderboard.hide"]({ board, member: "ann" }, serverCall);
    const { etag } = await top(null);
    await boards["leaderboard.show"]({ board, member: "ann" }, serverCall);
    expect(membersOf(await top(etag))).toEqual(["bo", "ann"]);
  });

  it("is replaced after a submit that changed no score but removed entries above a lowered `maxEntries`", async () => {
    const { etag } = await top(null);
    // A node that lowers `maxEntries` may stop before it has removed the entries above the limit.
    await fixture.redis.commands.hset(fixture.keys.board(board).meta, "maxEntries", "1");
    await submit("bo", 20);
    expect(membersOf(await top(etag))).toEqual(["bo"]);
  });

  it("has the same tag on another node", async () => {
    const { etag } = await top(null);
    const other = leaderboardModule(fixture.dependencies).encodedOperations!["leaderboard.entries"]!;
    expect((await other({ board, ranking, limit: 10 }, serverCall)).etag).toBe(etag);
  });

  it("is confirmed by a script and not by HMGET close to the end of a season", async () => {
    const { etag } = await top(null, { window: "weekly" });
    expect(await commandsOf(() => top(etag, { window: "weekly" }))).toEqual(["hmget"]);
    const { seasons } = await boards["leaderboard.seasons"]({ board, window: "weekly" }, serverCall);
    clockMs = Date.parse(seasons[0]!.endsAt!) - 30_000;
    const commands = await commandsOf(() => top(etag, { window: "weekly" }));
    expect(commands).toContain("script");
    expect(commands).not.toContain("hmget");
  });

  it("AU8: is not cached for a closed season, because an erasure changes the entries", async () => {
    await boards["leaderboard.close"]({ board, window: "all" }, serverCall);
    // Without an entry in the open season, the erasure changes the closed season only.
    await boards["leaderboard.remove"]({ board, member: "ann" }, serverCall);
    const closed = { window: "all", season: "all" };
    const { etag } = await top(null, closed);
    expect(await commandsOf(() => top(etag, closed))).toEqual(["script"]);
    const module = leaderboardModule(fixture.dependencies);
    await module.eraseUser!("ann");
    expect(membersOf(await top(etag, closed))).not.toContain("ann");
  });

  it.skipIf(isCluster)(
    "is no longer cached after a reconnect to Redis, which may have other entries at the same position",
    async () => {
      const { commands } = fixture.redis;
      const { etag } = await top(null);
      const id = await commands.client("ID");
      const killer = redisClient();
      const reconnected = new Promise<void>((resolve) => {
        const end = commands.onReconnect(() => {
          end();
          resolve();
        });
      });
      await killer.client("KILL", "ID", String(id));
      killer.disconnect();
      await reconnected;
      expect(await commandsOf(() => top(etag))).toEqual(["script"]);
    },
  );
});

describe("LB11: an answer that the node has cached", () => {
  it("is confirmed by the script without reading entries", async () => {
    const { json } = await top(null);
    const lines = await monitor(fixture.redis.commands, async () => {
      expect((await top(null)).json).toBe(json);
    });
    // This one command is an HMGET of the board's `meta`. The script needs it to see that the board has not changed.
    expect(
      lines.filter((line) => line.includes(board) && /"(zrevrange|hmget|zcard)"/i.test(line)),
    ).toHaveLength(1);
  });
});

describe("identical reads", () => {
  it("share one run of the script if they arrive in the same turn of the event loop", async () => {
    const results: EncodedResult[] = [];
    const commands = await commandsOf(async () => {
      results.push(...(await Promise.all(Array.from({ length: 20 }, () => top(null)))));
    });
    expect(commands).toEqual(["script"]);
    expect(new Set(results).size).toBe(1);
  });

  it("never share a run that began before they arrived, so that a caller reads its own last write", async () => {
    for (let score = 100; score < 150; score += 1) {
      // This read is under way during the next write.
      const earlier = top(null);
      await new Promise((resolve) => setImmediate(resolve));
      await submit("ann", score);
      const { entries } = decoded(await top(null));
      expect(entries[0]).toMatchObject({ member: "ann", score });
      await earlier;
    }
  });

  it("fail with the same error", async () => {
    const read = { board: freshId("none"), ranking, limit: 1 };
    const absent = () => encoded["leaderboard.entries"](read, serverCall);
    await Promise.all(
      [absent(), absent()].map((one) => expect(one).rejects.toMatchObject({ code: "not_found" })),
    );
  });
});
