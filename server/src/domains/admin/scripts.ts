import { scriptsOf } from "../../redis/scripts.js";

const define = scriptsOf(import.meta.url, { keys: ["nodes", "leases", "activity", "audit"] });

export const reportScript = define("report", {
  args: [
    "id",
    "report",
    "leaseMs",
    "connections",
    "calls",
    "failures",
    "limited",
    "deliveries",
    "eventLoopDelayMs",
  ],
});
export const readReportsScript = define("read-reports", {
  reply: ["nowMs", "nodes[]", "leases[]", "activity[]"],
});
export const recordAuditScript = define("record-audit", {
  args: ["keyName", "address", "operation", "input", "outcome", "keepMs", "maxEntries"],
});

const defineTrace = scriptsOf(import.meta.url, { keys: ["traces", "traceTopic", "records", "erased"] });

export const beginTraceScript = defineTrace("begin-trace", {
  args: ["publishCommand", "id", "room", "user", "ttlMs", "keptMs", "maxTraces"],
  reply: ["endsAtMs"],
});
export const endTraceScript = defineTrace("end-trace", { args: ["publishCommand", "id"] });
export const eraseTraceScript = defineTrace("erase-trace", { args: ["publishCommand", "id"] });
export const readTracesScript = defineTrace("read-traces", { reply: ["nowMs", "traces[]"] });
export const recordTraceScript = defineTrace("record-trace", { args: ["maxRecords", "items[]"] });
export const refuseErasedScript = defineTrace("refuse-erased", { args: ["user", "keepMs"] });
