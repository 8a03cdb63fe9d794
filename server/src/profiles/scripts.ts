import { scriptsOf } from "../redis/scripts.js";

const define = scriptsOf(import.meta.url, {
  keys: ["record", "fetch", "topic", "firstReply"],
  args: ["publishCommand", "user"],
});
const defineNote = scriptsOf(import.meta.url, { keys: ["topic", "users[]"], args: ["publishCommand"] });
const defineRead = scriptsOf(import.meta.url, { keys: ["record", "fetch", "users[]"] });

export const readScript = defineRead("read", { reply: ["records..."] });
export const claimScript = defineRead("claim", {
  args: ["token", "claimMs", "retainMs", "freshMs", "unknownMs"],
  reply: ["isMine", "record", "remainingMs"],
});
export const setScript = define("set", {
  args: ["fingerprint", "replyTtlMs", "profile", "ttlMs"],
  reply: ["storedSince", "storedProfile"],
});
export const noteScript = defineNote("note", { args: ["users[]", "renewMs"], reply: ["noted..."] });
export const keepScript = define("keep", {
  args: ["token", "profile", "retainMs"],
  reply: ["isKept", "storedSince"],
});
export const invalidateScript = define("invalidate", {
  args: ["fingerprint", "replyTtlMs", "staleMs"],
  reply: [],
});
export const eraseScript = define("erase", { reply: ["erased"] });
