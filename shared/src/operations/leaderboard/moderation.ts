import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { defineOperations } from "../../operation.js";

const entryPath = "/leaderboards/{board}/entries/{member}";
const input = z.strictObject({ board: resourceId, member: memberId });

export const moderationOperations = defineOperations({
  "leaderboard.remove": {
    summary: "Remove a member's entry from the open season of every window",
    rest: { method: "DELETE", path: entryPath },
    callers: "server",
    access: { right: "moderate", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 1,
    input,
    output: z.object({ removed: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "leaderboard.hide": {
    summary: "Hide a member: its scores count on, but only servers, moderators and the member see them",
    rest: { method: "PUT", path: `${entryPath}/hidden` },
    callers: "server",
    access: { right: "moderate", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 1,
    input,
    output: z.object({ hidden: z.literal(true).describe("Always true.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "leaderboard.show": {
    summary: "Show a hidden member again, in the place that it has by now",
    rest: { method: "DELETE", path: `${entryPath}/hidden` },
    callers: "server",
    access: { right: "moderate", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 1,
    input,
    output: z.object({ hidden: z.literal(false).describe("Always false.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
});
