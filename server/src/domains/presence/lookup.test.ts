import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall, userCall } from "../../../test/support/domain.js";
import { domainDependencies } from "../../../test/support/domain-dependencies.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import type { PresenceSessionChange, PresenceSessionRecords } from "../shared/presence-session.js";
import { presenceModule } from "./module.js";

let fixture: DomainFixture;
let sessions: PresenceSessionRecords;
let presence: ReturnType<typeof presenceModule>;
let user: string;

beforeAll(async () => {
  fixture = await domainFixture();
  const dependencies = domainDependencies(fixture);
  sessions = dependencies.presenceSessions;
  presence = presenceModule(dependencies);
});

afterAll(() => fixture.redis.close());

beforeEach(() => {
  user = freshId("user");
});

const now = Date.now();

function change(
  room: string,
  joinOffset: number,
  ended: boolean,
  more: Partial<PresenceSessionChange> = {},
): PresenceSessionChange {
  return { user, room, epoch: "e1", joinOffset, ended, atMs: now, ...more };
}

async function lookUp(users: string[], call = serverCall) {
  return (await presence.operations["presence.lookup"]({ users }, call)).users;
}

it("presence.lookup returns whether users are online, in which rooms, and when they were last seen", async () => {
  const [away, never] = [freshId("user"), freshId("user")];
  await sessions.note([
    change("lobby", 1, false),
    change("den", 4, false),
    change("lobby", 2, false, { user: away }),
    change("lobby", 2, true, { user: away, atMs: now + 5_000 }),
  ]);
  expect(await lookUp([never, user, away, user])).toEqual([
    { user: never, online: false, rooms: [], lastSeenAt: null },
    { user, online: true, rooms: ["den", "lobby"], lastSeenAt: expect.stringMatching(/Z$/) },
    { user: away, online: false, rooms: [], lastSeenAt: new Date(now + 5_000).toISOString() },
    { user, online: true, rooms: ["den", "lobby"], lastSeenAt: expect.stringMatching(/Z$/) },
  ]);
  const { lastSeenAt } = (await lookUp([user]))[0]!;
  expect(Math.abs(Date.parse(lastSeenAt!) - Date.now())).toBeLessThan(60_000);
});

it("presence.lookup returns the rooms of a user to that user and to servers only", async () => {
  const other = freshId("user");
  await sessions.note([change("lobby", 1, false), change("den", 1, false, { user: other })]);
  expect(await lookUp([user, other], userCall(user))).toMatchObject([
    { user, online: true, rooms: ["lobby"] },
    { user: other, online: true, rooms: [] },
  ]);
});

it("presence.lookup of 1,000 users sends one command to Redis for each user", async () => {
  const asked = Array.from({ length: 1_000 }, (_, at) => `${user}-${at}`);
  await sessions.note(asked.filter((_, at) => at % 2 === 0).map((id) => change("r", 1, false, { user: id })));
  const lines = await monitor(fixture.redis.commands, async () => {
    const found = await lookUp(asked);
    expect(found.map(({ online }) => online)).toEqual(asked.map((_, at) => at % 2 === 0));
  });
  const calls = lines.filter((line) => line.includes(user) && !line.startsWith("[lua]"));
  expect(calls).toHaveLength(1_000);
});

it("users with special characters in their ids do not share keys", async () => {
  const strange = [
    "}{",
    "{a}",
    "a:rooms",
    "a",
    "%7B",
    "{",
    "a}:{user:b",
    "👩‍👩‍👧",
    "\u00e9",
    "e\u0301",
    " ",
    "𝒳".repeat(128),
  ].map((id) => [...`${id}${user}`].slice(0, 128).join(""));
  await sessions.note(strange.map((id, at) => change(`room-${at}`, at, false, { user: id })));
  expect((await lookUp(strange)).map(({ rooms }) => rooms)).toEqual(strange.map((_, at) => [`room-${at}`]));
  // Each key of a user has one hash tag, which holds the whole encoded id.
  const tags = strange.map((id) => {
    const { firstReply, ...keys } = fixture.keys.user(id);
    const tagOf = (key: string) => /^[^{}]+:\{([^{}]+)\}:[a-z]+(:scope)?$/.exec(key)?.[1];
    return [...new Set([...Object.values(keys), firstReply("scope")].map(tagOf))];
  });
  expect(tags.map(({ length }) => length)).toEqual(strange.map(() => 1));
  expect(new Set(tags.flat()).size).toBe(strange.length);
  expect(tags.flat()).not.toContain(undefined);
});
