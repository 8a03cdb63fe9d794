import { scriptsOf } from "../../redis/scripts.js";
import { eventArguments } from "../shared/event-queue.js";

/** The arguments that `writeRecord` (records.ts) gives to every script that writes a user's record. */
const recordArguments = ["publishCommand", "newEpoch", "recordTtlMs", ...eventArguments] as const;
export type RecordArgument = (typeof recordArguments)[number];

const define = scriptsOf(import.meta.url, {
  keys: ["meta", "rooms", "topic", "ended", "notices", "firstReply", "outbox"],
  args: recordArguments,
});

export const recordSessionsScript = define("record-presence-sessions", {
  args: ["endedTtlMs", "endedLimit", "changes[]"],
});
export const notifyScript = define("notify", {
  args: ["fingerprint", "replyTtlMs", "id", "name", "data", "noticeLimit", "noticeTtlMs"],
  reply: ["id", "sentAtMs"],
});

const defineRead = scriptsOf(import.meta.url, { keys: ["meta", "rooms", "notices"] });

export const readStateScript = defineRead("read-state", {
  args: ["behind", "noticeTtlMs"],
  reply: ["epoch", "offset", "rooms", "notices..."],
});
export const whereaboutsScript = defineRead("whereabouts", {
  args: ["showsRooms"],
  reply: ["nowMs", "seenAtMs", "roomCount", "rooms..."],
});
