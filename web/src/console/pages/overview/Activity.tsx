import type { OutputOf } from "@grandstand/sdk";
import { AreaChart } from "../../ui/AreaChart.js";
import { short, whole } from "../../ui/format.js";

type Point = OutputOf<"admin.activity">["points"][number];
type Node = OutputOf<"admin.overview">["nodes"][number];

const MINUTE_SECONDS = 60;

/** Charts of the last hour of all nodes, with a point for each minute. The current values come from the nodes' reports. */
export function Activity({ points, nodes }: { points: readonly Point[]; nodes: readonly Node[] }) {
  const running = nodes.filter(({ hasLease }) => hasLease);
  const sum = (of: (node: Node) => number) => running.reduce((all, node) => all + of(node), 0);
  const series = (of: (point: Point) => number, shown = points) =>
    shown.map((point) => ({ at: point.at, value: of(point) }));
  // The last minute has not ended, so its sums can't be shown as rates yet.
  const ended = points.slice(0, -1);
  return (
    <section className="activity" aria-label="The last hour">
      <AreaChart
        title="Connections"
        points={series(({ connections }) => connections)}
        format={whole}
        headline={{
          value: sum(({ connections: { websocket, socketio, sse } }) => websocket + socketio + sse),
          label: "now",
        }}
        tone="brand"
      />
      <AreaChart
        title="Calls a second"
        points={series(({ calls }) => calls / MINUTE_SECONDS, ended)}
        format={short}
        headline={{ value: sum(({ callsPerSecond }) => callsPerSecond), label: "now" }}
        tone="focus"
      />
      <AreaChart
        title="Deliveries a second"
        points={series(({ deliveries }) => deliveries / MINUTE_SECONDS, ended)}
        format={short}
        headline={{ value: sum(({ deliveriesPerSecond }) => deliveriesPerSecond), label: "now" }}
        tone="live"
      />
      <AreaChart
        title="Refused and failed"
        points={series(({ failures, limited }) => failures + limited)}
        format={whole}
        headline={{
          value: points.reduce((all, { failures, limited }) => all + failures + limited, 0),
          label: "in the last hour",
        }}
        tone="warn"
      />
    </section>
  );
}
