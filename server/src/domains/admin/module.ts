import { toIsoTime } from "../../core/iso-time.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { attentionItems } from "./attention.js";
import type { AuditLog } from "./audit-log.js";
import type { NodeReporter } from "./node-reporter.js";
import { readReports } from "./node-reports.js";
import { readRedisState } from "./redis-report.js";
import { readRoom, searchRooms } from "./rooms.js";
import { searchUsers } from "./users.js";

export function adminModule(
  dependencies: DomainDependencies,
  { nodeId, reporter, auditLog }: { nodeId: string; reporter: NodeReporter; auditLog: AuditLog },
): DomainModule<"admin"> {
  return {
    start: () => reporter.start(),
    stop: () => reporter.stop(),

    operations: {
      "admin.overview": async () => {
        const [{ nowMs, nodes, activity }, redis] = await Promise.all([
          readReports(dependencies),
          readRedisState(dependencies),
        ]);
        return {
          nodeId,
          serverTime: toIsoTime(nowMs),
          nodes,
          redis: redis.report,
          attention: attentionItems(nodes, redis, activity),
        };
      },

      "admin.activity": async ({ last }) => ({
        points: (await readReports(dependencies)).activity.slice(-last),
      }),

      "admin.rooms": (input) => searchRooms(dependencies, input),

      "admin.room": ({ room }) => readRoom(dependencies, room),

      "admin.users": (input) => searchUsers(dependencies, input),

      "admin.audit": (input) => auditLog.list(input),
    },
  };
}
