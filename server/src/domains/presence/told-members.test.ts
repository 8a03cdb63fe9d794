import { expect, it } from "vitest";
import type { MemberRecord } from "./member.js";
import { ToldMembers } from "./told-members.js";

const at = String(Date.UTC(2025, 0, 1));

function recordOf(stay: number, stamp = at): MemberRecord {
  return { stay, since: at, stamp, state: "null", profile: "null" };
}

it("PR7 keeps members in the order of their stays, in whatever order a digest's changes began", () => {
  const members = new ToldMembers();
  members.begin([["ann", recordOf(1)]]);
  let offset = 1;
  const note = (user: string, record: MemberRecord | null) => {
    offset += 1;
    members.note({ offset, kind: record ? "j" : "l", user, record });
  };
  note("bo", recordOf(2));
  note("cy", recordOf(3));
  note("bo", null);
  note("bo", recordOf(5));
  expect(members.digest(3)?.joined.map(({ user }) => user)).toEqual(["cy", "bo"]);
  const { members: first, lastStay } = members.first(2);
  // A page that goes on behind the last one of these finds the one that is missing.
  expect(first.map(({ user }) => user)).toEqual(["ann", "cy"]);
  expect(lastStay).toBe(3);
});
