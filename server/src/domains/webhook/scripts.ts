import { scriptsOf } from "../../redis/scripts.js";

const define = scriptsOf(import.meta.url, {
  keys: ["endpoints", "deleted", "topic", "firstReply"],
  args: ["fingerprint", "replyTtlMs", "publishCommand", "id"],
});

export const createScript = define("create", { args: ["fields", "maxWebhooks"], reply: ["id", "stored"] });
export const updateScript = define("update", { args: ["fields"], reply: ["id", "stored"] });
export const deleteScript = define("delete", { reply: [] });

const defineOutbox = scriptsOf(import.meta.url, { keys: ["outbox", "outboxes", "deleted"] });

export const acknowledgeScript = defineOutbox("acknowledge", { args: ["entries[]"] });
export const noteOutboxScript = defineOutbox("note-outbox", { args: ["source"] });
export const forgetOutboxesScript = defineOutbox("forget-outboxes", { args: ["keptMs", "sources[]"] });
export const forgetDeletedScript = defineOutbox("forget-deleted", { args: ["keptMs"] });
