import type { Example } from "./example.js";

/** Examples of calls for operators. They refer to no channel. */
export const adminExamples: Example[] = [
  onNone("admin.overview", {}),
  onNone("admin.activity", {}),
  onNone("admin.rooms", { prefix: "none-" }),
  onNone("admin.room", { room: "lobby" }),
  onNone("admin.users", { prefix: "none-" }),
  onNone("admin.jobs", {}),
  onNone("admin.retryJobs", { jobs: ["none"] }),
  onNone("admin.beginTrace", { room: "none-traced", user: "ada", ttlMs: 1_000 }),
  onNone("admin.trace", { trace: "tr_bm8tc3VjaC10cmFj" }, { passesAs: "not_found" }),
  onNone("admin.endTrace", { trace: "tr_bm8tc3VjaC10cmFj" }),
  onNone("admin.audit", {}),
];

function onNone(operation: string, input: object, more: Partial<Example> = {}): Example {
  return { operation, users: "may not", prepare: async () => ({ input, channels: [] }), ...more };
}
