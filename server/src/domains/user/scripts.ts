import { defineScript } from "../../redis/positional-scripts.js";

const here = import.meta.url;

/** What record.lua takes. */
const RECORD_KEYS = 3;

export const noteStaysScript = defineScript(here, "note-presence-sessions", RECORD_KEYS + 1);
export const notifyScript = defineScript(here, "notify", RECORD_KEYS + 2);
export const stateScript = defineScript(here, "state", 3);
export const whereaboutsScript = defineScript(here, "whereabouts", 2);
