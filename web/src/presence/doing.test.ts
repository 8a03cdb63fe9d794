import type { PresenceMember } from "@grandstand/sdk";
import { expect, it } from "vitest";
import { doingOf, inOrder, tallyOf } from "./doing.js";

function memberOf(user: string, state: PresenceMember["state"]): PresenceMember {
  return { user, state, since: "2025-01-01T00:00:00.000Z", profile: null };
}

it("watches whoever shows nothing, or something that this page does not know", () => {
  expect(doingOf({ state: { doing: "playing" } })).toBe("playing");
  for (const state of [null, {}, { doing: "flying" }, { doing: 7 }])
    expect(doingOf({ state })).toBe("watching");
});

it("shows oneself first, then who plays and writes, then the others as they came", () => {
  const members = [
    memberOf("ann", null),
    memberOf("bo", { doing: "away" }),
    memberOf("me", { doing: "away" }),
    memberOf("cy", { doing: "playing" }),
    memberOf("di", null),
    memberOf("ed", { doing: "writing" }),
  ];
  expect(inOrder(members, "me").map(({ user }) => user)).toEqual(["me", "cy", "ed", "ann", "di", "bo"]);
  expect([...tallyOf(members)]).toEqual([
    ["playing", 1],
    ["writing", 1],
    ["watching", 2],
    ["away", 2],
  ]);
});
