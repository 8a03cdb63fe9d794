import { scriptsOf } from "../../redis/scripts.js";
import { eventArguments } from "../shared/event-queue.js";

/** The keys and arguments that `BoardStore` gives to every script. */
const define = scriptsOf(import.meta.url, {
  keys: ["meta", "seasons", "topic", "hiddenMembers", "firstReply", "windows[]", "listedSeasons[]", "outbox"],
  args: [
    "plan",
    "windows[]",
    "publishCommand",
    "fingerprint",
    "replyTtlMs",
    "whereField",
    "whereValue",
    ...eventArguments,
  ],
});

/** The arguments of every script that includes read.lua. */
const reading = ["rule", "known"] as const;
/** The part of the reply with which a script returns a page of entries. */
const page = ["total", "first", "firstUnder", "hasMore", "rows"] as const;

export const configureScript = define("configure", {
  args: ["newEpoch", "newWindows[]", "rules[]", "newBoardPlanId"],
  reply: ["isNow", "total", "pairs..."],
});
export const getScript = define("get", { reply: ["total", "pairs..."] });
export const deleteScript = define("delete", { args: ["listedSeasons[]"], reply: ["isNow"] });
export const submitScript = define("submit", {
  args: ["writer", "detail", "profile", "scores[]"],
  reply: ["results..."],
});
export const setMetadataScript = define("set-metadata", { args: ["member", "metadata"] });
export const removeScript = define("remove", { args: ["member"] });
export const hideScript = define("hide", { args: ["member"] });
export const showScript = define("show", { args: ["member"] });
export const trimScript = define("trim", { args: ["atOnce"], reply: ["hasMore"] });
export const entriesScript = define("entries", {
  args: [...reading, "offset", "limit"],
  reply: ["position", "order", ...page],
});
export const entriesAfterScript = define("entries-after", {
  args: [...reading, "zsetScore", "zsetMember", "limit"],
  reply: ["position", "order", ...page],
});
export const entryScript = define("entry", {
  args: [...reading, "viewer", "member"],
  reply: ["position", "order", "rank", "zsetMember", "zsetScore", "record"],
});
export const aroundScript = define("around", {
  args: [...reading, "viewer", "member", "radius"],
  reply: ["position", "order", ...page],
});
export const aroundScoreScript = define("around-score", {
  args: [...reading, "score", "subscore", "radius"],
  reply: ["position", "order", "newRank", ...page],
});
export const lookupScript = define("lookup", {
  args: [...reading, "viewer", "members[]"],
  reply: ["order", "entries..."],
});
export const statsScript = define("stats", {
  args: ["viewer", "bins", "maxForMean", "subject", "subjectValue", "quantiles[]"],
  reply: ["count", "percentile", "mean", "scores", "bounds", "counts"],
});
export const countDistinctScript = define("count-distinct", {
  args: ["limit", "afterZsetScore", "afterZsetMember"],
  reply: ["zsetScore", "zsetMember"],
});
export const snapshotScript = define("snapshot", {
  args: ["top", "afterClosing", "members[]"],
  reply: ["order", "epoch", "offset", "total", "nowMs", "rows", "closings", "entries..."],
});
export const seasonsScript = define("seasons", { reply: ["totals", "records"] });
export const closeScript = define("close", {
  args: ["period", "condition"],
  reply: ["closed", "closedText", "next", "nextText"],
});
export const forgetScript = define("forget", { args: ["listedSeasons[]"] });
