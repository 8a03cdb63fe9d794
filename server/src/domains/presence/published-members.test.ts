import { expect, it } from "vitest";
import type { MemberRecord } from "./member.js";
import { PublishedMembers } from "./published-members.js";

const at = String(Date.UTC(2025, 0, 1));

function recordOf(stay: number, stamp = at): MemberRecord {
  return { stay, since: at, stamp, state: "null", profile: "null" };
}

function recordWith(bytes: number, stay: number, stamp = at): MemberRecord {
  return { ...recordOf(stay, stamp), state: JSON.stringify({ pad: "x".repeat(bytes) }) };
}

/** Members of whom ann is the first, and what takes what becomes of them. */
function room() {
  const members = new PublishedMembers();
  members.begin([["ann", recordOf(1)]]);
  let offset = 1;
  const note = (user: string, record: MemberRecord | null) => {
    offset += 1;
    members.note({ offset, kind: record ? "j" : "l", user, record });
  };
  return { members, note };
}

it("PR7 keeps members in the order of their stays, in whatever order a digest's changes began", () => {
  const { members, note } = room();
  note("bo", recordOf(2));
  note("cy", recordOf(3));
  note("bo", null);
  note("bo", recordOf(5));
  expect(members.digest()?.digest?.joined.map(({ user }) => user)).toEqual(["cy", "bo"]);
  const { members: first, lastStay } = members.first(2);
  // A page that goes on behind the last one of these finds the one that is missing.
  expect(first.map(({ user }) => user)).toEqual(["ann", "cy"]);
  expect(lastStay).toBe(3);
});

it("PR7 keeps them so where stays are numbered anew", () => {
  const { members } = room();
  members.begin(["ann", "bo", "cy"].map((user, index) => [user, recordOf(index + 1)]));
  const anew = ["cy", "bo", "di", "ann"].map((user, index) => [user, recordOf(index + 1)] as const);
  expect(members.noteAll(new Map(anew), 9)).toBe(true);
  const told = members.digest();
  expect(told).toMatchObject({
    offset: 9,
    digest: { count: 4, joined: [{ user: "di" }], left: [], updated: [] },
  });
  expect(members.first(9).members.map(({ user }) => user)).toEqual(["cy", "bo", "di", "ann"]);
});

it("CH7 tells a digest that is too large in parts, each up to an offset, and keeps nobody waiting", () => {
  const { members, note } = room();
  const users = Array.from({ length: 300 }, (_, index) => `u${index}`);
  for (const [index, user] of users.entries()) note(user, recordWith(1_900, index + 2));
  // The first one's latest change comes behind all others.
  note("u0", recordWith(1_900, 2, `${at}1`));
  const joined: string[] = [];
  let last = 1;
  while (!members.isToldAll && joined.length < 300) {
    const { offset, digest } = members.digest()!;
    expect(offset).toBeGreaterThan(last);
    expect(JSON.stringify(digest).length).toBeLessThan(140_000);
    last = offset;
    joined.push(...digest!.joined.map(({ user }) => user));
    expect(digest!.count).toBe(members.size);
    expect(members.size).toBe(1 + joined.length);
    // Who changes all the time is told of again once everyone else was told of.
    expect(digest!.updated).toEqual([]);
    if (members.hasParts) note("u1", recordWith(1_900, 3, `${at}${joined.length}`));
    // Who begins to watch between two parts misses nobody: the rest comes with a page or with a part.
    const { members: first, lastStay } = members.first(40);
    const stays = first.map(({ user }) => (user === "ann" ? 1 : users.indexOf(user) + 2));
    expect(stays).toEqual(stays.toSorted((one, other) => one - other));
    expect(lastStay).toBe(stays.at(-1));
  }
  expect(joined.toSorted()).toEqual(users.toSorted());
  expect(last).toBe(302);
  expect(members.digest()).toMatchObject({ digest: { updated: [{ user: "u1" }] } });
  expect(members.digest()).toBeNull();
});

it("PR7 says that whoever came and went has left, as a page may have shown it", () => {
  const { members, note } = room();
  note("ghost", recordOf(2));
  note("ghost", null);
  expect(members.digest()).toMatchObject({ offset: 3, digest: { count: 1, joined: [], left: ["ghost"] } });
  note("other", recordOf(4));
  note("other", null);
  members.noteAll(new Map([["ann", recordOf(1)]]), 9);
  expect(members.digest()).toMatchObject({ offset: 9, digest: { left: ["other"] } });
});
