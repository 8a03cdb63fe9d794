import type { Example } from "./example.js";

/** Examples of calls for operators, which touch no channel. */
export const adminExamples: Example[] = [
  onNone("admin.overview", {}),
  onNone("admin.activity", {}),
  onNone("admin.rooms", { prefix: "none-" }),
  onNone("admin.room", { room: "lobby" }),
  onNone("admin.users", { prefix: "none-" }),
  onNone("admin.audit", {}),
];

function onNone(operation: string, input: object): Example {
  return { operation, users: "may not", prepare: async () => ({ input, channels: [] }) };
}
