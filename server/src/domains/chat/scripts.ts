import { scriptsOf } from "../../redis/scripts.js";
import { eventArguments } from "../shared/event-queue.js";

/** An argument that `RoomStore` gives to every script. */
export type CommonArgument = (typeof commonArguments)[number];

const commonArguments = [
  "caller",
  "granted",
  "defaultVisibility",
  "publishCommand",
  "newEpoch",
  "fingerprint",
  "replyTtlMs",
  ...eventArguments,
] as const;

const logKeys = [
  "meta",
  "log",
  "older",
  "index",
  "reactors",
  "readMarks",
  "sends",
  "changed",
  "reacted",
  "topic",
  "activity",
];
const accessKeys = ["members", "bans", "mutes"];
const define = scriptsOf(import.meta.url, {
  keys: [...logKeys, ...accessKeys, "firstReply", "pace", "outbox"],
  args: commonArguments,
});
/** The arguments of change-limit.lua. */
const changeLimits = ["changeLimit", "reactionLimit"] as const;

export const sendScript = define("send", {
  args: ["id", "text", "metadata", "replyTo", "profile", "sendKey", "mayBegin"],
  reply: ["offset", "id", "sentAtMs", "began"],
});
export const typingScript = define("typing", { args: ["event", "intervalMs"], reply: ["sent"] });
export const historyScript = define("history", {
  args: ["before", "after", "thread", "limit"],
  reply: ["epoch", "offset", "id", "hasMore", "replies", "unreadReplies", "messages..."],
});
export const editScript = define("edit", {
  args: ["id", "offset", "text", "metadata", "editLimit", ...changeLimits],
  reply: ["message"],
});
export const deleteScript = define("delete", { args: ["id", "offset", ...changeLimits], reply: [] });
export const reactScript = define("react", {
  args: ["id", "offset", "emoji", "added", "emojiLimit", "userLimit", ...changeLimits],
  reply: ["count", "changed", "users..."],
});
export const markReadScript = define("mark-read", { args: ["offset"], reply: ["offset"] });
export const unreadScript = define("unread", { reply: ["unread", "read"] });
export const roomSummaryScript = define("room-summary", {
  reply: ["unread", "read", "role", "offset", "message"],
});
export const configureScript = define("configure", {
  args: ["visibility", "logSize", "retentionMs", "slowModeMs"],
  reply: [
    "visibilityNow",
    "logSizeNow",
    "retentionMsNow",
    "slowModeMsNow",
    "createdAtMs",
    "updatedAtMs",
    "accessChanged",
  ],
});
export const dropScript = define("drop", { reply: [] });
export const membersScript = define("members", {
  args: ["cursor", "count"],
  reply: ["nextCursor", "members..."],
});
export const memberScript = define("member", { args: ["user"], reply: ["role"] });
export const setMemberScript = define("set-member", { args: ["user", "role"], reply: [] });
export const removeMemberScript = define("remove-member", { args: ["user"], reply: [] });
export const moderateScript = define("moderate", {
  args: ["user", "action", "ttlMs"],
  reply: ["mutedUntilMs", "bannedUntilMs"],
});
export const subscribeScript = define("subscribe", {
  args: ["epoch", "offset", "id", "messages", "limitBytes", "users[]"],
});
export const readLogScript = define("read-log", { args: ["epoch", "offset", "id", "limitBytes"] });
export const messageScript = define("message", { args: ["offset"], reply: ["message"] });
export const readEndScript = define("read-end", { reply: ["epoch", "offset", "id", "accessVersion"] });
export const maySeeScript = define("may-see", { args: ["users[]"], reply: ["allowed..."] });

const defineForUser = scriptsOf(import.meta.url, { keys: ["chats", "userTopic"] });
export const listRoomScript = defineForUser("list-room", {
  args: ["publishCommand", "room", "listed", "limit", "ttlMs"],
  reply: [],
});
