import { scriptsOf } from "../../redis/scripts.js";

const define = scriptsOf(import.meta.url, {
  keys: ["due", "taken", "failed", "records", "payloads", "users", "took", "firstReply"],
  args: ["keepMs", "failedLimit"],
});
const idempotency = ["fingerprint", "replyTtlMs"] as const;

export const addScript = define("add", {
  args: [...idempotency, "job", "payload", "user", "delayMs", "attempts", "backoffMs", "pendingLimit"],
  reply: ["job", "added"],
});
export const takeScript = define("take", {
  args: ["token", "limit", "leaseMs"],
  reply: ["nextMs", "jobs..."],
});
export const extendScript = define("extend", {
  args: [...idempotency, "job", "token", "leaseMs"],
  reply: ["remainingMs"],
});
export const completeScript = define("complete", {
  args: [...idempotency, "job", "token"],
  reply: ["completed"],
});
export const failScript = define("fail", {
  args: [...idempotency, "job", "token", "reason", "retry"],
  reply: ["state", "delayMs"],
});
export const listScript = define("list", {
  args: ["state", "offset", "limit"],
  reply: ["waiting", "delayed", "taken", "failed", "jobs..."],
});
export const retryScript = define("retry", { args: [...idempotency, "job"], reply: ["retried"] });
export const removeScript = define("remove", { args: [...idempotency, "job"], reply: ["removed"] });
export const ofUserScript = define("of-user", { args: ["user", "after", "limit"], reply: ["jobs..."] });
