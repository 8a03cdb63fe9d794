import { defineScript } from "../../redis/positional-scripts.js";

const here = import.meta.url;

export const addScript = defineScript(here, "add", 12);
export const visitScript = defineScript(here, "visit", 31);
export const setScript = defineScript(here, "set", 3);
export const resetScript = defineScript(here, "reset", 19);
export const configureScript = defineScript(here, "configure", 9);
export const deleteScript = defineScript(here, "delete", 25);
export const noteGrowthScript = defineScript(here, "note-growth", 14);
export const forgetGrowthScript = defineScript(here, "forget-growth", 15);
export const trendingScript = defineScript(here, "trending", 15);
export const seriesScript = defineScript(here, "read-series", 2);
