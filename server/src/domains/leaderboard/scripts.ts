import { defineScript } from "../../redis/positional-scripts.js";

const here = import.meta.url;

export const configureScript = defineScript(here, "configure");
export const getScript = defineScript(here, "get");
export const deleteScript = defineScript(here, "delete");
export const submitScript = defineScript(here, "submit");
export const removeScript = defineScript(here, "remove");
export const hideScript = defineScript(here, "hide");
export const showScript = defineScript(here, "show");
export const trimScript = defineScript(here, "trim");
export const entriesScript = defineScript(here, "entries");
export const entriesAfterScript = defineScript(here, "entries-after");
export const entryScript = defineScript(here, "entry");
export const aroundScript = defineScript(here, "around");
export const aroundScoreScript = defineScript(here, "around-score");
export const lookupScript = defineScript(here, "lookup");
export const statsScript = defineScript(here, "stats");
export const countDistinctScript = defineScript(here, "count-distinct");
export const viewScript = defineScript(here, "view");
export const seasonsScript = defineScript(here, "seasons");
export const closeScript = defineScript(here, "close");
export const forgetScript = defineScript(here, "forget");
