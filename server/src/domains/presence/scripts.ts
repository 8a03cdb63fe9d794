import { defineScript } from "../../redis/positional-scripts.js";

const here = import.meta.url;

/** What presence.lua takes. */
const ROOM_KEYS = 13;

export const applyScript = defineScript(here, "apply", ROOM_KEYS);
export const keepScript = defineScript(here, "keep", ROOM_KEYS);
export const dropScript = defineScript(here, "drop", ROOM_KEYS);
export const settleScript = defineScript(here, "settle", ROOM_KEYS);
export const sweepScript = defineScript(here, "sweep", ROOM_KEYS);
export const evictScript = defineScript(here, "evict", ROOM_KEYS);
export const pageScript = defineScript(here, "page", ROOM_KEYS);
export const watchScript = defineScript(here, "watch", ROOM_KEYS);
export const maySeeScript = defineScript(here, "may-see", ROOM_KEYS);
export const lookScript = defineScript(here, "look", ROOM_KEYS);
export const tickScript = defineScript(here, "tick", 5);
export const scheduleScript = defineScript(here, "schedule", 2);
