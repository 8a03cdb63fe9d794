import { scriptsOf } from "../../redis/scripts.js";
import { eventArguments } from "../shared/event-queue.js";

const roomKeys = [
  "roomMeta",
  "members",
  "bans",
  "topic",
  "meta",
  "present",
  "records",
  "grace",
  "kept",
] as const;
const commonArguments = [
  "defaultVisibility",
  "publishCommand",
  "newEpoch",
  "graceMs",
  "node",
  ...eventArguments,
] as const;

/** What `PresenceStore` gives to every script of a room. */
export type CommonArgument = (typeof commonArguments)[number];

const define = scriptsOf(import.meta.url, {
  keys: [...roomKeys, "keptTtls", "nodes", "leaving", "held", "firstReply", "outbox"],
  args: commonArguments,
});
const idempotency = ["fingerprint", "replyTtlMs"] as const;

export const applyScript = define("apply", {
  args: ["changes[]"],
  reply: ["epoch", "atMs", "accessVersion", "dueInMs", "isCreated", "results..."],
});
export const keepScript = define("keep", {
  args: [...idempotency, "user", "ttlMs", "newState", "newProfile"],
  reply: ["epoch", "atMs", "member"],
});
export const dropScript = define("drop", { args: [...idempotency, "user"], reply: [] });
export const expireMembersScript = define("expire-members", {
  args: ["limit"],
  reply: ["dueInMs", "ended..."],
});
export const sweepScript = define("sweep", { args: ["goneAt", "limit"], reply: ["dueInMs", "hasMore"] });
export const evictScript = define("evict", {
  args: ["user", "behind", "limit"],
  reply: ["dueInMs", "accessVersion", "last"],
});
export const readPageScript = define("read-page", {
  args: ["caller", "granted", "cursorEpoch", "behind", "limit", "limitBytes"],
  reply: ["epoch", "offset", "count", "hasMore", "members..."],
});
export const readRoomScript = define("read-room", {
  args: ["knownEpoch", "knownOffset", "limit"],
  reply: ["epoch", "offset", "accessVersion", "count", "members..."],
});
export const readSummaryScript = define("read-summary", {
  reply: ["epoch", "offset", "accessVersion", "dueInMs", "summary", "otherNodes..."],
});
export const eraseMemberScript = define("erase-member", { args: ["user"], reply: ["erased"] });
export const readMemberScript = define("read-member", { args: ["user"], reply: ["member"] });
export const maySeeScript = define("may-see", { args: ["users[]"], reply: ["allowed..."] });

const defineForNodes = scriptsOf(import.meta.url, {
  keys: ["leases", "sweeps", "due", "claimed", "ticked"],
});

export const tickScript = defineForNodes("tick", {
  args: ["incarnation", "ttlMs", "ownTtlMs", "isNew", "predecessor", "claimMs", "limit", "outageMs"],
  reply: ["nextLeaseMs", "nextRoomMs", "gone[]", "rooms[]"],
});
export const scheduleRoomScript = defineForNodes("schedule-room", { args: ["room", "delayMs", "isDone"] });
