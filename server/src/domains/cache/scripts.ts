import { scriptsOf } from "../../redis/scripts.js";

const define = scriptsOf(import.meta.url, { keys: ["entry", "tags", "load", "firstReply"] });
const idempotency = ["fingerprint", "replyTtlMs"] as const;

export const getScript = define("get", { reply: ["value", "remainingMs"] });
export const takeScript = define("take", {
  args: ["token", "loadMs", "memoryMs"],
  reply: ["outcome", "value", "remainingMs"],
});
export const putScript = define("put", {
  args: [...idempotency, "token", "value", "tagList", "ttlMs", "memoryMs"],
  reply: ["stored"],
});
export const releaseScript = define("release", { args: [...idempotency, "token"], reply: ["released"] });
export const deleteScript = define("delete", { args: idempotency, reply: ["deleted"] });
export const invalidateScript = define("invalidate", {
  args: [...idempotency, "memoryMs", "tagsLimit", "names[]"],
  reply: [],
});
