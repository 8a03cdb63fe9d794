import { expect, it } from "vitest";
import type { MemberRecord } from "./member.js";
import { PublishedMembers } from "./published-members.js";

const at = String(Date.UTC(2025, 0, 1));

function recordOf(joinOffset: number, stamp = at): MemberRecord {
  return { joinOffset, since: at, stamp, state: "null", profile: "null" };
}

function recordWith(bytes: number, joinOffset: number, stamp = at): MemberRecord {
  return { ...recordOf(joinOffset, stamp), state: JSON.stringify({ pad: "x".repeat(bytes) }) };
}

/** A room in which ann is published as a member, and a function that adds a change. */
function room() {
  const members = new PublishedMembers();
  members.begin([["ann", recordOf(1)]]);
  let offset = 1;
  const change = (user: string, record: MemberRecord | null) => {
    offset += 1;
    members.add({ offset, user, record });
  };
  return { members, change };
}

it("PR7: members stay in the order of their join offsets, whatever the order of the changes in a digest", () => {
  const { members, change } = room();
  change("bo", recordOf(2));
  change("cy", recordOf(3));
  change("bo", null);
  change("bo", recordOf(5));
  expect(members.publishDigest()?.digest?.joined.map(({ user }) => user)).toEqual(["cy", "bo"]);
  const { members: first, lastJoinOffset } = members.first(2);
  // The next page continues after cy and begins with bo, so the pages together contain all members.
  expect(first.map(({ user }) => user)).toEqual(["ann", "cy"]);
  expect(lastJoinOffset).toBe(3);
});

it("PR7: members stay in the order of their join offsets when a new epoch gives them new join offsets", () => {
  const { members } = room();
  members.begin(["ann", "bo", "cy"].map((user, index) => [user, recordOf(index + 1)]));
  const anew = ["cy", "bo", "di", "ann"].map((user, index) => [user, recordOf(index + 1)] as const);
  expect(members.addDifference(new Map(anew), 9)).toBe(true);
  const published = members.publishDigest();
  expect(published).toMatchObject({
    offset: 9,
    digest: { count: 4, joined: [{ user: "di" }], left: [], updated: [] },
  });
  expect(members.first(9).members.map(({ user }) => user)).toEqual(["cy", "bo", "di", "ann"]);
});

it("CH7: a digest that is too large is published in parts, each complete up to an offset, and a user who changes often does not delay others", () => {
  const { members, change } = room();
  const users = Array.from({ length: 300 }, (_, index) => `u${index}`);
  for (const [index, user] of users.entries()) change(user, recordWith(1_900, index + 2));
  // The latest change of the first user has the last offset.
  change("u0", recordWith(1_900, 2, `${at}1`));
  const joined: string[] = [];
  let last = 1;
  while (!members.isUpToDate && joined.length < 300) {
    const { offset, digest } = members.publishDigest()!;
    expect(offset).toBeGreaterThan(last);
    expect(JSON.stringify(digest).length).toBeLessThan(140_000);
    last = offset;
    joined.push(...digest!.joined.map(({ user }) => user));
    expect(digest!.count).toBe(members.size);
    expect(members.size).toBe(1 + joined.length);
    // The repeated changes of u1 are published only after the changes of all other users.
    expect(digest!.updated).toEqual([]);
    if (members.hasParts) change("u1", recordWith(1_900, 3, `${at}${joined.length}`));
    // A client that subscribes between two parts misses nobody: each member is in a page or in a later part.
    const { members: first, lastJoinOffset } = members.first(40);
    const joinOffsets = first.map(({ user }) => (user === "ann" ? 1 : users.indexOf(user) + 2));
    expect(joinOffsets).toEqual(joinOffsets.toSorted((one, other) => one - other));
    expect(lastJoinOffset).toBe(joinOffsets.at(-1));
  }
  expect(joined.toSorted()).toEqual(users.toSorted());
  expect(last).toBe(302);
  expect(members.publishDigest()).toMatchObject({ digest: { updated: [{ user: "u1" }] } });
  expect(members.publishDigest()).toBeNull();
});

it("PR7: a user who joined and left since the last digest is in `left`, because a page may have shown the user", () => {
  const { members, change } = room();
  change("ghost", recordOf(2));
  change("ghost", null);
  expect(members.publishDigest()).toMatchObject({
    offset: 3,
    digest: { count: 1, joined: [], left: ["ghost"] },
  });
  change("other", recordOf(4));
  change("other", null);
  members.addDifference(new Map([["ann", recordOf(1)]]), 9);
  expect(members.publishDigest()).toMatchObject({ offset: 9, digest: { left: ["other"] } });
});
