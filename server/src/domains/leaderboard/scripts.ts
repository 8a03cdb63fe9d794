import { defineScript } from "../../redis/scripts.js";

const here = import.meta.url;

export const configureScript = defineScript(here, "configure", 4);
export const getScript = defineScript(here, "get", 2);
export const deleteScript = defineScript(here, "delete", 5);
export const submitScript = defineScript(here, "submit", 5);
export const removeScript = defineScript(here, "remove", 5);
export const entriesScript = defineScript(here, "entries", 3);
export const entriesAfterScript = defineScript(here, "entries-after", 3);
export const entryScript = defineScript(here, "entry", 3);
export const aroundScript = defineScript(here, "around", 3);
export const viewScript = defineScript(here, "view", 3);
