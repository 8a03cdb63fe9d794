import { z } from "zod";
import { memberId, resourceId } from "../../ids.js";
import { defineOperations } from "../../operation.js";
import { exactMetadata, metadata } from "./entry.js";

const entryPath = "/leaderboards/{board}/entries/{member}";
const input = z.strictObject({ board: resourceId, member: memberId });

export const moderationOperations = defineOperations({
  "leaderboard.setMetadata": {
    summary: "Replace the metadata of a member's entries in the open seasons; score, rank and time stay",
    rest: { method: "PUT", path: `${entryPath}/metadata` },
    callers: "server",
    access: { right: "moderate", channel: "leaderboard:{board}" },
    isWrite: true,
    cost: 1,
    input: input.extend({
      metadata: exactMetadata.nullable().describe("The new metadata; null removes it."),
    }),
    output: z.object({ metadata: metadata.nullable().describe("The metadata as it is now.") }),
    errors: ["forbidden", "not_found", "conflict"],
  },
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
    summary:
      "Hide a member: the member can still submit, but only servers, moderators and the member see the entry",
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
    summary: "Show a hidden member again, at its current rank",
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
