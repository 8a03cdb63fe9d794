import { defineScript } from "../../redis/positional-scripts.js";

const here = import.meta.url;

/** What room.lua takes. */
const ROOM_KEYS = 10;

export const sendScript = defineScript(here, "send", ROOM_KEYS + 1);
export const typingScript = defineScript(here, "typing", ROOM_KEYS + 1);
export const historyScript = defineScript(here, "history", ROOM_KEYS);
export const editScript = defineScript(here, "edit", ROOM_KEYS);
export const deleteScript = defineScript(here, "delete", ROOM_KEYS);
export const reactScript = defineScript(here, "react", ROOM_KEYS);
export const markReadScript = defineScript(here, "mark-read", ROOM_KEYS);
export const unreadScript = defineScript(here, "unread", ROOM_KEYS);
export const configureScript = defineScript(here, "configure", ROOM_KEYS);
export const dropScript = defineScript(here, "drop", ROOM_KEYS);
export const membersScript = defineScript(here, "members", ROOM_KEYS);
export const memberScript = defineScript(here, "member", ROOM_KEYS);
export const setMemberScript = defineScript(here, "set-member", ROOM_KEYS);
export const removeMemberScript = defineScript(here, "remove-member", ROOM_KEYS);
export const moderateScript = defineScript(here, "moderate", ROOM_KEYS);
export const openScript = defineScript(here, "open", ROOM_KEYS);
export const missedScript = defineScript(here, "missed", ROOM_KEYS);
export const readersScript = defineScript(here, "readers", ROOM_KEYS);
