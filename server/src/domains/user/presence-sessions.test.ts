import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall, userCall } from "../../../test/support/domain.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import type { Identity } from "../../auth/identity.js";
import type { PresenceContext } from "../presence/context.js";
import { presenceHandlers } from "../presence/handlers.js";
import type { Presence } from "../presence/presence.js";
import type { PresenceSessionChange } from "../shared/presence-session.js";
import { userHandlers } from "./handlers.js";
import { PresenceSessions } from "./presence-sessions.js";
import type { UserGround } from "./records.js";
import { readState } from "./state.js";

const DAY_MS = 86_400_000;

let ground: DomainFixture;
let users: UserGround;
let stays: PresenceSessions;
let handlers: ReturnType<typeof userHandlers> & Pick<ReturnType<typeof presenceHandlers>, "presence.lookup">;
let user: string;

beforeAll(async () => {
  ground = await domainFixture();
  const { redis, keys } = ground;
  users = { redis: redis.commands, keys, publishCommand: redis.publishCommand };
  stays = new PresenceSessions(users);
  handlers = {
    ...userHandlers(users, {} as Identity),
    "presence.lookup": presenceHandlers({ stays } as unknown as PresenceContext, {} as Presence)[
      "presence.lookup"
    ],
  };
});

afterAll(() => ground.redis.close());

beforeEach(() => {
  user = freshId("user");
});

const now = Date.now();

function change(
  room: string,
  stay: number,
  ended: boolean,
  more: Partial<PresenceSessionChange> = {},
): PresenceSessionChange {
  return { user, room, epoch: "e1", joinOffset: stay, ended, atMs: now, ...more };
}

async function lookUp(asked: string[], call = serverCall) {
  return (await handlers["presence.lookup"]({ users: asked }, call)).users;
}

async function roomsOf(id = user): Promise<string[]> {
  return (await lookUp([id]))[0]!.rooms;
}

describe("presence.lookup", () => {
  it("tells who is online, where, and who was when", async () => {
    const [away, never] = [freshId("user"), freshId("user")];
    await stays.note([
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

  it("shows users only the rooms of their own", async () => {
    const other = freshId("user");
    await stays.note([change("lobby", 1, false), change("den", 1, false, { user: other })]);
    expect(await lookUp([user, other], userCall(user))).toMatchObject([
      { user, online: true, rooms: ["lobby"] },
      { user: other, online: true, rooms: [] },
    ]);
  });

  it("asks Redis once for each of 1,000 users, all at once", async () => {
    const asked = Array.from({ length: 1_000 }, (_, at) => `${user}-${at}`);
    await stays.note(asked.filter((_, at) => at % 2 === 0).map((id) => change("r", 1, false, { user: id })));
    const lines = await monitor(ground.redis.commands, async () => {
      const found = await lookUp(asked);
      expect(found.map(({ online }) => online)).toEqual(asked.map((_, at) => at % 2 === 0));
    });
    const calls = lines.filter((line) => line.includes(user) && !line.startsWith("[lua]"));
    expect(calls).toHaveLength(1_000);
  });

  it("keeps ids apart whatever characters they have", async () => {
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
    await stays.note(strange.map((id, at) => change(`room-${at}`, at, false, { user: id })));
    expect((await lookUp(strange)).map(({ rooms }) => rooms)).toEqual(strange.map((_, at) => [`room-${at}`]));
    // Each of a user's keys has one tag, which holds the whole id and nothing that would end it.
    const tags = strange.map((id) => {
      const { answer, ...keys } = ground.keys.user(id);
      const tagOf = (key: string) => /^[^{}]+:\{([^{}]+)\}:[a-z]+(:scope)?$/.exec(key)?.[1];
      return [...new Set([...Object.values(keys), answer("scope")].map(tagOf))];
    });
    expect(tags.map(({ length }) => length)).toEqual(strange.map(() => 1));
    expect(new Set(tags.flat()).size).toBe(strange.length);
    expect(tags.flat()).not.toContain(undefined);
  });
});

describe("stays", () => {
  it("a late end does not end a later stay, and a late beginning does not begin one that ended", async () => {
    await stays.note([change("lobby", 1, false)]);
    await stays.note([change("lobby", 3, false)]);
    await stays.note([change("lobby", 1, true)]);
    expect(await roomsOf()).toEqual(["lobby"]);
    await stays.note([change("lobby", 3, true)]);
    await stays.note([change("lobby", 3, false), change("lobby", 1, false)]);
    expect(await roomsOf()).toEqual([]);
  });

  it("a stay in another epoch replaces the one that was lost with its epoch", async () => {
    await stays.note([change("lobby", 700, false)]);
    // Told again after Redis lost the room, with the beginning that it had.
    await stays.note([change("lobby", 2, false, { epoch: "e2" })]);
    await stays.note([change("lobby", 700, true)]);
    expect(await roomsOf()).toEqual(["lobby"]);
    await stays.note([change("lobby", 2, true, { epoch: "e2", atMs: now + 1 })]);
    expect(await roomsOf()).toEqual([]);
  });

  it("is what happened, in whatever order, in however many parts and however often it is noted", async () => {
    const step = fc.record<Step>({
      room: fc.constantFrom("a", "b"),
      loses: fc.constantFrom("nothing", "nothing", "all", "end"),
    });
    const history = fc.array(step, { minLength: 1, maxLength: 10 });
    const property = fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (steps, random) => {
      user = freshId("user");
      const { lost, changes, rooms, seenAtMs } = happened(steps);
      const inSomeOrder = (some: PresenceSessionChange[]) =>
        some
          .flatMap((each) => (random.next().value! % 3 === 0 ? [each, each] : [each]))
          .map((each) => ({ each, place: random.next().value! }))
          .sort((one, other) => one.place - other.place)
          .map(({ each }) => each);
      const noted = [...inSomeOrder(lost), ...inSomeOrder(changes)];
      while (noted.length > 0) await stays.note(noted.splice(0, 1 + (random.next().value! % 3)));
      expect(await roomsOf()).toEqual(rooms);
      const [found] = await stays.read([user], () => false);
      if (rooms.length === 0) expect(found!.lastSeenAtMs).toBe(seenAtMs);
    });
    const lines = await monitor(ground.redis.commands, () => fc.assert(property, { numRuns: 300 }));
    expect(untold(lines)).toEqual([]);
  });

  it("PR5: a record is written when a stay begins or ends, and expires only when the user is in no room", async () => {
    const { redis, keys } = ground;
    const { meta, rooms, endedStays } = keys.user(user);
    await stays.note([change("a", 1, false), change("b", 1, false)]);
    expect(await redis.commands.pttl(meta)).toBe(-1);
    await stays.note([change("a", 1, true)]);
    expect(await redis.commands.pttl(meta)).toBe(-1);
    expect(await redis.commands.pttl(endedStays)).toBeGreaterThan(0);
    await stays.note([change("b", 1, true)]);
    const ttlMs = await redis.commands.pttl(meta);
    expect(ttlMs).toBeGreaterThan(29 * DAY_MS);
    expect(ttlMs).toBeLessThanOrEqual(30 * DAY_MS);
    expect(await redis.commands.exists(rooms)).toBe(0);
    await stays.note([change("a", 5, false)]);
    expect(await redis.commands.pttl(meta)).toBe(-1);
  });

  it("what ended an hour ago is forgotten", async () => {
    const { redis, keys } = ground;
    const { endedStays } = keys.user(user);
    await stays.note([change("a", 1, true), change("b", 1, true)]);
    const hourAgo = Date.now() - 3_601_000;
    await redis.commands.zadd(endedStays, hourAgo, "1 e1 a");
    await stays.note([change("c", 1, false)]);
    expect(await redis.commands.zrange(endedStays, "0", "-1")).toEqual(["1 e1 b"]);
  });

  it("a user who was not seen for 30 days was not seen", async () => {
    await stays.note([change("a", 1, true, { atMs: now - 31 * DAY_MS })]);
    expect(await lookUp([user])).toEqual([{ user, online: false, rooms: [], lastSeenAt: null }]);
  });
});

describe("user.notify", () => {
  const notify = (name: string, data?: Record<string, string>) =>
    handlers["user.notify"]({ user, name, data }, serverCall);
  const kept = async () => (await readState(users, user, 0)).notices.map(({ notice }) => notice);

  it("keeps the last 50 notices, with what they say byte for byte", async () => {
    const { notice } = await notify("first", { text: "  é 👩‍👩‍👧 \u2028 \\u0000 " });
    expect(await kept()).toEqual([notice]);
    for (let at = 1; at <= 50; at += 1) await notify(`n${at}`);
    const names = (await kept()).map(({ name }) => name);
    expect(names).toEqual(Array.from({ length: 50 }, (_, at) => `n${at + 1}`));
  });

  it("keeps them for 24 hours, whatever comes after", async () => {
    const { redis, keys } = ground;
    const { notices, meta } = keys.user(user);
    const old = JSON.stringify(["1", "id", "old", "", String(Date.now() - DAY_MS - 1_000)]);
    await redis.commands.rpush(notices, old);
    expect(await kept()).toEqual([]);
    await notify("new");
    expect(await redis.commands.llen(notices)).toBe(1);
    for (const key of [notices, meta]) expect(await redis.commands.pttl(key)).toBeGreaterThan(0);
    expect(await redis.commands.pttl(notices)).toBeLessThanOrEqual(DAY_MS);
  });

  it("does not end the record of a user who is in a room", async () => {
    await stays.note([change("a", 1, false)]);
    await notify("hello");
    expect(await ground.redis.commands.pttl(ground.keys.user(user).meta)).toBe(-1);
  });
});

/** The messages on users' topics that do not follow from those before: a place left out, a room entered or left twice. */
function untold(lines: string[]): string[] {
  const told = new Map<string, { offset: number; rooms: Set<string> }>();
  return lines.filter((line) => {
    const message = /"s?publish" "(\S+)" "\S+ (\d+) (entered|left) (\S+)"/i.exec(line);
    if (!message?.[1]?.startsWith(ground.prefix)) return false;
    const [, topic, offset, kind, room] = message as unknown as [string, string, string, string, string];
    const so = told.get(topic) ?? { offset: 0, rooms: new Set() };
    const isNext = Number(offset) === so.offset + 1 && so.rooms.has(room) === (kind === "left");
    so.offset += 1;
    if (kind === "left") so.rooms.delete(room);
    else so.rooms.add(room);
    told.set(topic, so);
    return !isNext;
  });
}

interface Step {
  room: string;
  /** Redis loses all of the rooms, or the end of what it had; then all in one are there anew. */
  loses: "nothing" | "all" | "end";
}

/**
 * A history of stays as it truly was: each step enters a room or leaves it, or Redis loses something.
 * @returns the changes, with the beginnings that were lost, which have no end, before all others
 */
function happened(history: Step[]) {
  const changes: PresenceSessionChange[] = [];
  const lost: PresenceSessionChange[] = [];
  const inRooms = new Map<string, PresenceSessionChange>();
  let [epoch, stay, atMs] = [1, 0, now];
  let seenAtMs: number | null = null;
  const enter = (room: string) => {
    stay += 1;
    const began = change(room, stay, false, { epoch: `e${epoch}`, atMs });
    inRooms.set(room, began);
  };
  for (const { room, loses } of history) {
    atMs += 1;
    const there = inRooms.get(room);
    if (loses !== "nothing" && there) {
      if (loses === "all") epoch += 1;
      stay = loses === "all" ? 0 : Math.max(0, stay - 3);
      lost.push(...inRooms.values());
      for (const each of inRooms.keys()) enter(each);
    } else if (there) {
      inRooms.delete(room);
      changes.push(there, { ...there, ended: true, atMs });
      seenAtMs = atMs;
    } else enter(room);
  }
  return { lost, changes: [...changes, ...inRooms.values()], rooms: [...inRooms.keys()].sort(), seenAtMs };
}
