import type { PresenceMember } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { activityOf, sortedForDisplay, tallyOf } from "./activity.js";

function memberOf(user: string, state: PresenceMember["state"]): PresenceMember {
  return { user, state, since: "2025-01-01T00:00:00.000Z", profile: null };
}

it("treats a member without a known activity as watching", () => {
  expect(activityOf({ state: { doing: "playing" } })).toBe("playing");
  for (const state of [null, {}, { doing: "flying" }, { doing: 7 }])
    expect(activityOf({ state })).toBe("watching");
});

it("sorts the user first and the others by activity, then by arrival, and counts the members of each activity", () => {
  const members = [
    memberOf("ann", null),
    memberOf("bo", { doing: "away" }),
    memberOf("me", { doing: "away" }),
    memberOf("cy", { doing: "playing" }),
    memberOf("di", null),
    memberOf("ed", { doing: "writing" }),
  ];
  expect(sortedForDisplay(members, "me").map(({ user }) => user)).toEqual([
    "me",
    "cy",
    "ed",
    "ann",
    "di",
    "bo",
  ]);
  expect([...tallyOf(members)]).toEqual([
    ["playing", 1],
    ["writing", 1],
    ["watching", 2],
    ["away", 2],
  ]);
});
