import { afterEach, beforeEach, expect, it } from "vitest";
import { type DomainFixture, domainFixture, silentLog } from "../../test/support/domain.js";
import { eventually } from "../../test/support/eventually.js";
import { Bus } from "../live/bus.js";
import { Revocations } from "./revocations.js";

let ground: DomainFixture;
let bus: Bus;
let revocations: Revocations;
/** How often what this node holds was gone through. */
let rounds: number;
/** How many notices came. */
let notices: number;

beforeEach(async () => {
  ground = await domainFixture();
  const { redis, keys, prefix } = ground;
  const { commands, subscriptions, publishCommand } = redis;
  const heartbeatTopic = `${prefix}:{heartbeat}`;
  bus = new Bus({ subscriptions, commands, publishCommand, heartbeatTopic, log: silentLog });
  revocations = new Revocations({ redis: commands, keys, publishCommand, log: silentLog });
  [rounds, notices] = [0, 0];
  revocations.onRevoked(() => {
    rounds += 1;
  });
  await bus.start();
  await bus.listen(keys.identity.topic, {
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
  bus.stop();
  await ground.redis.close();
});

it("AU4: a node looks through its connections once for each revocation, its own and those of others", async () => {
  await revocations.revoke("user", "ann", null);
  await eventually(() => expect(notices).toBe(1));
  expect(rounds).toBe(1);
  await heardInReview("bob");
  expect(rounds).toBe(2);
  // Nothing new, though the review finds both of them again.
  revocations.resync();
  await heardInReview("cem");
  expect(rounds).toBe(3);
  await revocations.revoke("user", "dee", null);
  expect(rounds).toBe(4);
});

/** Another node revokes a user, and the notice does not arrive. */
async function heardInReview(user: string): Promise<void> {
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
