import { afterEach, beforeEach, expect, it } from "vitest";
import { type DomainFixture, domainFixture } from "../../test/support/domain.js";
import { domainDependencies } from "../../test/support/domain-dependencies.js";
import { freshId } from "../../test/support/names.js";

let ground: DomainFixture;
let user: string;

beforeEach(async () => {
  ground = await domainFixture();
  user = freshId("user");
});

afterEach(() => ground.redis.close());

/** The profiles of a node without the user in its cache. */
const profilesOfNewNode = () => domainDependencies(ground).profiles;

const named = (name: string) => ({ name, avatar: null });
const idempotency = { scope: "scope", fingerprint: "fingerprint" };

it("T9: a rename that another node repeats after a later rename shows the later name on that node", async () => {
  const node = profilesOfNewNode();
  await node.set(user, named("One"), idempotency);
  await node.set(user, named("Two"), null);
  const repeatingNode = profilesOfNewNode();
  await repeatingNode.set(user, named("One"), idempotency);
  expect(repeatingNode.of(user)).toEqual(named("Two"));
});

it("T9: a rename that is repeated after an erasure stores no profile, in the record or under the idempotency key", async () => {
  const node = profilesOfNewNode();
  await node.set(user, named("Ada Lovelace"), idempotency);
  await node.erase(user);
  await node.set(user, named("Ada Lovelace"), idempotency);
  expect(await node.stored(user)).toBeNull();
  const kept = await ground.redis.commands.get(ground.keys.profile(user).firstReply(idempotency.scope));
  expect(kept).not.toBeNull();
  expect(kept).not.toContain("Ada");
});
