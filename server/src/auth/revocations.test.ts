import { afterEach, beforeEach, expect, it } from "vitest";
import { type DomainFixture, domainFixture } from "../../test/support/domain.js";
import { eventually } from "../../test/support/eventually.js";
import { monitor } from "../../test/support/monitor.js";
import { silentLog } from "../../test/support/silent-log.js";
import type { Topics } from "../redis/topics.js";
import { Revocations } from "./revocations.js";

let ground: DomainFixture;
let topics: Topics;
let revocations: Revocations;
/** How many times this node has checked its connections. */
let rounds: number;
/** How many notices arrived. */
let notices: number;

beforeEach(async () => {
  ground = await domainFixture();
  const { redis, keys } = ground;
  const { commands, publishCommand } = redis;
  topics = redis.topics;
  revocations = new Revocations({ redis: commands, keys, publishCommand, log: silentLog });
  [rounds, notices] = [0, 0];
  revocations.onRevoked(() => {
    rounds += 1;
  });
  await topics.start();
  await topics.listen(keys.identity.topic, {
    receive: (notice) => {
      notices += 1;
      revocations.receive(notice);
    },
    resync: () => revocations.resync(),
  });
  await revocations.start(60_000);
});

afterEach(async () => {
  revocations.stop();
  topics.stop();
  await ground.redis.close();
});

it("AU4: a node checks its connections once for each revocation, of its own and of other nodes", async () => {
  await revocations.revoke("user", "ann", null);
  await eventually(() => expect(notices).toBe(1));
  expect(rounds).toBe(1);
  await revokeWithoutNotice("bob");
  expect(rounds).toBe(2);
  // `resync` finds both revocations again. That must not cause another check of the connections.
  revocations.resync();
  await revokeWithoutNotice("cem");
  expect(rounds).toBe(3);
  await revocations.revoke("user", "dee", null);
  expect(rounds).toBe(4);
});

it("AU4: one command asks Redis about all users of one turn, and each call gets the answer for its own user", async () => {
  const { redis, keys } = ground;
  for (const user of ["ann", "bob"]) await revocations.revoke("user", user, null);
  await revocations.pseudonymize("bob");
  const future = Date.now() + 60_000;
  const asked: [user: string, issuedAt: number][] = [
    ["cem", 0],
    ["ann", 0],
    ["ann", future],
    ["bob", 0],
    ["bob", future],
  ];
  const lines = await monitor(redis.commands, async () => {
    const answers = await Promise.all(asked.map(([user, issuedAt]) => revocations.isRevoked(user, issuedAt)));
    expect(answers).toEqual([false, true, false, true, false]);
  });
  expect(lines.filter((line) => line.includes(keys.identity.revokedUsers))).toHaveLength(1);
});

/** Revokes a user as if on another node, and without a notice. Waits until `resync` has found the revocation. */
async function revokeWithoutNotice(user: string): Promise<void> {
  await ground.redis.commands.zadd(ground.keys.identity.revokedUsers, Date.now(), user);
  revocations.resync();
  await eventually(() => expect(revocations.covers(withToken(user))).toBe(true));
}

function withToken(id: string) {
  const user = { id, name: null, avatar: null, isGuest: false };
  return {
    kind: "user",
    user,
    credential: { id: `token:${id}`, expiresAt: null, issuedAt: 0 },
  } as const;
}
