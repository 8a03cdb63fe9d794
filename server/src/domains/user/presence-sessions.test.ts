import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DomainFixture, domainFixture, serverCall } from "../../../test/support/domain.js";
import { domainDependencies, testIdentity } from "../../../test/support/domain-dependencies.js";
import { monitor } from "../../../test/support/monitor.js";
import { freshId } from "../../../test/support/names.js";
import type { PresenceSessionChange, Whereabouts } from "../shared/presence-session.js";
import { userModule } from "./module.js";
import { PresenceSessions } from "./presence-sessions.js";
import { readState } from "./state.js";

const DAY_MS = 86_400_000;

let fixture: DomainFixture;
let sessions: PresenceSessions;
let handlers: ReturnType<typeof userModule>["operations"];
let user: string;

beforeAll(async () => {
  fixture = await domainFixture();
  const dependencies = domainDependencies(fixture);
  sessions = new PresenceSessions(dependencies);
  handlers = userModule(dependencies, testIdentity(fixture), {}).operations;
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

async function roomsOf(id = user): Promise<string[]> {
  return (await sessions.read([id], () => true))[0]!.rooms;
}

describe("presence sessions", () => {
  it("an end that arrives late does not end a later presence session, and a late beginning does not restart an ended one", async () => {
    await sessions.note([change("lobby", 1, false)]);
    await sessions.note([change("lobby", 3, false)]);
    await sessions.note([change("lobby", 1, true)]);
    expect(await roomsOf()).toEqual(["lobby"]);
    await sessions.note([change("lobby", 3, true)]);
    await sessions.note([change("lobby", 3, false), change("lobby", 1, false)]);
    expect(await roomsOf()).toEqual([]);
  });

  it("a presence session in a new epoch replaces the one of an epoch that Redis lost", async () => {
    await sessions.note([change("lobby", 700, false)]);
    // The node announced the user again after Redis had lost the room.
    await sessions.note([change("lobby", 2, false, { epoch: "e2" })]);
    await sessions.note([change("lobby", 700, true)]);
    expect(await roomsOf()).toEqual(["lobby"]);
    await sessions.note([change("lobby", 2, true, { epoch: "e2", atMs: now + 1 })]);
    expect(await roomsOf()).toEqual([]);
  });

  it("changes give the same result when they are recorded in any order, in any number of parts and repeatedly", async () => {
    const step = fc.record<Step>({
      room: fc.constantFrom("a", "b"),
      loses: fc.constantFrom("nothing", "nothing", "all", "last writes"),
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
      // Before the loss, each beginning in `lost` was noted in the user's record. Redis then lost only the rooms' data, not
      // the record. So the test notes `lost` before `changes`.
      const noted = [...inSomeOrder(lost), ...inSomeOrder(changes)];
      while (noted.length > 0) await sessions.note(noted.splice(0, 1 + (random.next().value! % 3)));
      expect(await roomsOf()).toEqual(rooms);
      const [found] = await sessions.read([user], () => false);
      if (rooms.length === 0) expect(found!.lastSeenAtMs).toBe(seenAtMs);
    });
    const lines = await monitor(fixture.redis.commands, () => fc.assert(property, { numRuns: 300 }));
    expect(contradictions(lines)).toEqual([]);
  });

  it("PR5: a record is written when a presence session begins or ends, and expires only while the user is in no room", async () => {
    const { redis, keys } = fixture;
    const { meta, rooms, ended } = keys.user(user);
    await sessions.note([change("a", 1, false), change("b", 1, false)]);
    expect(await redis.commands.pttl(meta)).toBe(-1);
    await sessions.note([change("a", 1, true)]);
    expect(await redis.commands.pttl(meta)).toBe(-1);
    expect(await redis.commands.pttl(ended)).toBeGreaterThan(0);
    await sessions.note([change("b", 1, true)]);
    const ttlMs = await redis.commands.pttl(meta);
    expect(ttlMs).toBeGreaterThan(29 * DAY_MS);
    expect(ttlMs).toBeLessThanOrEqual(30 * DAY_MS);
    expect(await redis.commands.exists(rooms)).toBe(0);
    await sessions.note([change("a", 5, false)]);
    expect(await redis.commands.pttl(meta)).toBe(-1);
  });

  it("AU9: a beginning that was recorded while Redis's clock was ahead does not outlive the presence session", async () => {
    const ahead = Date.now() + 7_200_000;
    await sessions.note([change("a", 1, false, { atMs: ahead }), change("b", 1, false, { atMs: ahead })]);
    await sessions.note([change("c", 1, true, { atMs: ahead })]);
    await sessions.note([change("a", 1, true, { atMs: Date.now() }), change("b", 2, false)]);
    expect(await roomsOf()).toEqual(["b"]);
    await sessions.note([change("b", 2, true, { atMs: Date.now() })]);
    const [{ isOnline, lastSeenAtMs }] = (await sessions.read([user], () => true)) as [Whereabouts];
    expect(isOnline).toBe(false);
    expect(lastSeenAtMs).toBeLessThan(Date.now() + 60_000);
  });

  it("the end of a presence session is forgotten after an hour", async () => {
    const { redis, keys } = fixture;
    const { ended } = keys.user(user);
    await sessions.note([change("a", 1, true), change("b", 1, true)]);
    const hourAgo = Date.now() - 3_601_000;
    await redis.commands.zadd(ended, hourAgo, "1 e1 a");
    await sessions.note([change("c", 1, false)]);
    expect(await redis.commands.zrange(ended, "0", "-1")).toEqual(["1 e1 b"]);
  });

  it("lastSeenAt is null after 30 days", async () => {
    await sessions.note([change("a", 1, true, { atMs: now - 31 * DAY_MS })]);
    const [found] = await sessions.read([user], () => true);
    expect(found).toEqual({ isOnline: false, rooms: [], lastSeenAtMs: null });
  });
});

describe("user.notify", () => {
  const notify = (name: string, data?: Record<string, string>) =>
    handlers["user.notify"]({ user, name, data }, serverCall);
  const kept = async () =>
    (await readState({ redis: fixture.redis.commands, keys: fixture.keys }, user, 0)).notices.map(
      ({ notice }) => notice,
    );

  it("stores the last 50 notices byte for byte", async () => {
    const { notice } = await notify("first", { text: "  é 👩‍👩‍👧 \u2028 \\u0000 " });
    expect(await kept()).toEqual([notice]);
    for (let at = 1; at <= 50; at += 1) await notify(`n${at}`);
    const names = (await kept()).map(({ name }) => name);
    expect(names).toEqual(Array.from({ length: 50 }, (_, at) => `n${at + 1}`));
  });

  it("stores a notice for 24 hours, also when a later notice renews the TTL of the list", async () => {
    const { redis, keys } = fixture;
    const { notices, meta } = keys.user(user);
    const old = JSON.stringify(["1", "id", "old", "", String(Date.now() - DAY_MS - 1_000)]);
    await redis.commands.rpush(notices, old);
    expect(await kept()).toEqual([]);
    await notify("new");
    expect(await redis.commands.llen(notices)).toBe(1);
    for (const key of [notices, meta]) expect(await redis.commands.pttl(key)).toBeGreaterThan(0);
    expect(await redis.commands.pttl(notices)).toBeLessThanOrEqual(DAY_MS);
  });

  it("does not expire the record of a user who is in a room", async () => {
    await sessions.note([change("a", 1, false)]);
    await notify("hello");
    expect(await fixture.redis.commands.pttl(fixture.keys.user(user).meta)).toBe(-1);
  });
});

/** The messages on users' topics that contradict earlier ones: a missing offset, or a room entered or left twice. */
function contradictions(lines: string[]): string[] {
  const states = new Map<string, { offset: number; rooms: Set<string> }>();
  return lines.filter((line) => {
    const message = /"s?publish" "(\S+)" "\S+ (\d+) (entered|left) (\S+)"/i.exec(line);
    if (!message?.[1]?.startsWith(fixture.prefix)) return false;
    const [, topic, offset, kind, room] = message as unknown as [string, string, string, string, string];
    const state = states.get(topic) ?? { offset: 0, rooms: new Set() };
    const isNext = Number(offset) === state.offset + 1 && state.rooms.has(room) === (kind === "left");
    state.offset += 1;
    if (kind === "left") state.rooms.delete(room);
    else state.rooms.add(room);
    states.set(topic, state);
    return !isNext;
  });
}

interface Step {
  room: string;
  /**
   * What Redis loses. After a loss of "all" rooms, the rooms begin new epochs. After a loss of the "last writes", the rooms
   * assign the same join offsets again. After each loss the user enters the same rooms again.
   */
  loses: "nothing" | "all" | "last writes";
}

/**
 * Turns steps into changes of presence sessions. If the user is not in the step's room, the user enters it. Otherwise the
 * user leaves it, or Redis loses data.
 * @returns `lost`: the beginnings that Redis lost, which never get an end; `changes`: all other changes
 */
function happened(history: Step[]) {
  const changes: PresenceSessionChange[] = [];
  const lost: PresenceSessionChange[] = [];
  const inRooms = new Map<string, PresenceSessionChange>();
  let [epoch, joinOffset, atMs] = [1, 0, now];
  let seenAtMs: number | null = null;
  const enter = (room: string) => {
    joinOffset += 1;
    const began = change(room, joinOffset, false, { epoch: `e${epoch}`, atMs });
    inRooms.set(room, began);
  };
  for (const { room, loses } of history) {
    atMs += 1;
    const there = inRooms.get(room);
    if (loses !== "nothing" && there) {
      if (loses === "all") epoch += 1;
      joinOffset = loses === "all" ? 0 : Math.max(0, joinOffset - 3);
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
