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
