import { toIsoTime } from "../../core/iso-time.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { attentionItems } from "./attention.js";
import type { AuditLog } from "./audit-log.js";
import type { Jobs } from "./jobs.js";
import type { NodeReporter } from "./node-reporter.js";
import { readReports } from "./node-reports.js";
import { readRedisState } from "./redis-report.js";
import { readRoom, searchRooms } from "./rooms.js";
import type { Traces } from "./traces.js";
import { searchUsers } from "./users.js";

/** How many failed jobs one call retries. */
const MAX_RETRIED = 100;

/** What the admin domain receives besides the common dependencies. */
export interface AdminServices {
  nodeId: string;
  reporter: NodeReporter;
  auditLog: AuditLog;
  jobs: Jobs;
  traces: Traces;
}

export function adminModule(
  dependencies: DomainDependencies,
  { nodeId, reporter, auditLog, jobs, traces }: AdminServices,
): DomainModule<"admin"> {
  return {
    async start(topics) {
      await topics.listen(dependencies.keys.trace("").traceTopic, traces);
      await Promise.all([traces.load(), reporter.start()]);
    },
    async stop() {
      traces.close();
      await reporter.stop();
    },

    eraseUser: (user) => traces.eraseUser(user),

    operations: {
      "admin.overview": async () => {
        const [{ nowMs, nodes, activity }, redis, queues] = await Promise.all([
          readReports(dependencies),
          readRedisState(dependencies),
          jobs.queues(),
        ]);
        return {
          nodeId,
          serverTime: toIsoTime(nowMs),
          nodes,
          redis: redis.report,
          attention: attentionItems({ nodes, redis, activity, queues }),
        };
      },

      "admin.activity": async ({ last }) => ({
        points: (await readReports(dependencies)).activity.slice(-last),
      }),

      "admin.rooms": (input) => searchRooms(dependencies, input),

      "admin.room": ({ room }) => readRoom(dependencies, room),

      "admin.users": (input) => searchUsers(dependencies, input),

      "admin.jobs": async ({ state, limit, cursor }) => {
        const first = Number(cursor ?? 0);
        const [queues, schedules, listed] = await Promise.all([
          jobs.queues(),
          jobs.schedules(),
          jobs.list(state, first, limit),
        ]);
        const next = first + limit;
        return {
          queues,
          schedules,
          jobs: listed,
          nextCursor: queues[0]![state] > next ? String(next) : null,
        };
      },

      "admin.retryJobs": ({ jobs: chosen }) => jobs.retry(chosen ?? null, MAX_RETRIED),

      "admin.beginTrace": (input) => traces.begin(input),

      "admin.trace": (input) => traces.read(input),

      "admin.endTrace": async ({ trace }) => {
        await traces.end(trace);
        return { ended: true };
      },

      "admin.audit": (input) => auditLog.list(input),
    },
  };
}
