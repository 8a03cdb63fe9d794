import { scriptsOf } from "../../redis/scripts.js";
import { eventArguments } from "../shared/event-queue.js";

/** The keys and arguments that `CounterStore` gives to each of its scripts. */
const define = scriptsOf(import.meta.url, {
  keys: ["meta", "topic", "firstReply", "resultSlots[]", "intervals[]", "shares[]", "outbox"],
  args: ["publishCommand", "fingerprint", "replyTtlMs", "newEpoch", "intervals[]", ...eventArguments],
});

export const addScript = define("add", { args: ["callers[]"] });
export const visitScript = define("visit", { args: ["callers[]"] });
export const setScript = define("set", { args: ["value"], reply: ["previous", "existence"] });
export const resetScript = define("reset", { reply: ["previous"] });
export const configureScript = define("configure", {
  args: ["kind", "min", "max", "add", "series", "thresholds"],
  reply: ["pairs..."],
});
export const deleteScript = define("delete", { reply: ["isNow"] });
export const seriesScript = define("read-series", { args: ["last"], reply: ["nowMs", "counts..."] });
/** The scripts of `Trending`. */
const defineGrowth = scriptsOf(import.meta.url, { keys: ["hour", "slots[]"] });

export const noteGrowthScript = defineGrowth("note-growth", { args: ["maxCounters", "counters[]"] });
export const forgetGrowthScript = defineGrowth("forget-growth", { args: ["counter"] });
export const trendingScript = defineGrowth("trending", { args: ["hourTtlMs", "firstRank", "limit"] });
