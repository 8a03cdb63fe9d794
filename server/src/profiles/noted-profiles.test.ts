import { afterEach, beforeEach, expect, it } from "vitest";
import { type DomainFixture, domainFixture } from "../../test/support/domain.js";
import { monitor } from "../../test/support/monitor.js";
import { freshId } from "../../test/support/names.js";
import { PROFILE_GROUPS } from "../redis/keys.js";
import { NotedProfiles } from "./noted-profiles.js";

const DAY_MS = 86_400_000;
const TTL_MS = 30 * DAY_MS;

let fixture: DomainFixture;
let noted: NotedProfiles;
let user: string;

beforeEach(async () => {
  fixture = await domainFixture();
  const { redis, keys } = fixture;
  const { commands, publishCommand } = redis;
  noted = new NotedProfiles({ redis: commands, keys, publishCommand }, DAY_MS);
  user = freshId("user");
});

afterEach(async () => {
  noted.stop();
  await fixture.redis.close();
});

function note(text: string, sinceMs: number, id = user) {
  return noted.write({ user: id, text, sinceMs, ttlMs: TTL_MS });
}

it("OP8: one script for each group of users writes the profiles of all users who connect at the same time", async () => {
  const users = Array.from({ length: 200 }, (_, at) => `${user}-${at}`);
  const lines = await monitor(fixture.redis.commands as never, async () => {
    const answers = await Promise.all(users.map((id) => note(`{"name":"${id}"}`, 1_000, id)));
    expect(answers).toEqual(
      users.map((id) => ({ sinceMs: 1_000, text: `{"name":"${id}"}`, remainingMs: TTL_MS })),
    );
  });
  const own = lines.filter((line) => line.includes(user));
  // A script that Redis does not have yet takes two commands: EVALSHA, then EVAL.
  expect(own.filter((line) => /\] "eval/i.test(line)).length).toBeLessThanOrEqual(2 * PROFILE_GROUPS);
  expect(own.filter((line) => /\] "s?publish"/i.test(line))).toHaveLength(users.length);
});

it("OP8: a credential changes the stored profile only if it was issued later than the credential of that profile", async () => {
  await note('"first"', 2_000);
  expect(await note('"older"', 1_000)).toMatchObject({ sinceMs: 2_000, text: '"first"' });
  expect(await note('"of the same moment"', 2_000)).toMatchObject({ sinceMs: 2_000, text: '"first"' });
  expect(await note('"later"', 3_000)).toMatchObject({ sinceMs: 3_000, text: '"later"' });
});

it("OP8: a credential with the stored profile renews the record's TTL if the last renewal is more than a day ago", async () => {
  const { record } = fixture.keys.profile(user);
  const { commands } = fixture.redis;
  await note('"same"', 2_000);
  await commands.pexpire(record, TTL_MS - DAY_MS / 2);
  expect((await note('"same"', 3_000)).remainingMs).toBeLessThanOrEqual(TTL_MS - DAY_MS / 2);
  expect(await commands.get(record)).toBe('2000 "same"');
  await commands.pexpire(record, TTL_MS - 2 * DAY_MS);
  // A credential that was issued earlier renews the TTL, too, and does not set the time of the record back.
  expect(await note('"same"', 1_000)).toEqual({ sinceMs: 2_000, text: '"same"', remainingMs: TTL_MS });
});

it("OP8: a user's profile is written at once when a reply waits for it, and when the node stops", async () => {
  await note('"first"', 1_000);
  const waiting = note('"second"', 2_000);
  const { commands } = fixture.redis;
  const { record } = fixture.keys.profile(user);
  noted.hasten(user);
  // The GET reaches Redis after the script, over the same connection.
  expect(await commands.get(record)).toBe('2000 "second"');
  await waiting;
  const last = note('"third"', 3_000);
  noted.stop();
  expect(await commands.get(record)).toBe('3000 "third"');
  await last;
});
