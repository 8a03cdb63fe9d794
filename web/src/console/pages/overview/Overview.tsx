import type { OutputOf } from "@grandstand/sdk";
import { useRead } from "../../api/useRead.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural, short } from "../../ui/format.js";
import { LoadingRows } from "../../ui/States.js";
import { Activity } from "./Activity.js";
import { Attention } from "./Attention.js";
import { Nodes } from "./Nodes.js";
import { RedisCard } from "./RedisCard.js";

const EVERY_MS = 5_000;
const ACTIVITY_EVERY_MS = 15_000;

/** The whole system at a glance: what needs attention, the last hour, each node, and Redis. */
export function Overview() {
  const { data, error, isLoading, reload } = useRead("admin.overview", {}, EVERY_MS);
  const activity = useRead("admin.activity", {}, ACTIVITY_EVERY_MS);
  return (
    <>
      <PageHead title="Overview" lead={data ? summaryOf(data) : "Reading the state of all nodes"} />
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows rows={6} />}
      {data && (
        <div className="overview">
          <Attention items={data.attention} />
          {activity.error && <ErrorNote error={activity.error} onRetry={activity.reload} />}
          {activity.data && <Activity points={activity.data.points} nodes={data.nodes} />}
          <Nodes nodes={data.nodes} serverTime={data.serverTime} repliedBy={data.nodeId} />
          <RedisCard redis={data.redis} />
        </div>
      )}
    </>
  );
}

function summaryOf({ nodes }: OutputOf<"admin.overview">): string {
  const running = nodes.filter(({ hasLease }) => hasLease);
  const connections = running.reduce(
    (sum, { connections: { websocket, socketio, sse } }) => sum + websocket + socketio + sse,
    0,
  );
  const calls = running.reduce((sum, { callsPerSecond }) => sum + callsPerSecond, 0);
  return `${plural(running.length, "node")} with ${plural(connections, "connection")}, ${short(calls)} calls a second`;
}
