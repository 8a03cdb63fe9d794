import type { OutputOf } from "@grandstand/sdk";
import { Panel } from "../../../shell/Panel.js";
import { Ago } from "../../ui/Ago.js";
import { bytes, duration, short, whole } from "../../ui/format.js";

type Node = OutputOf<"admin.overview">["nodes"][number];

interface NodesProps {
  nodes: readonly Node[];
  serverTime: string;
  /** The node that answered the last `admin.overview`. */
  repliedBy: string;
}

export function Nodes({ nodes, serverTime, repliedBy }: NodesProps) {
  return (
    <Panel title="Nodes" className="nodes">
      <ul className="node-list">
        {nodes.map((node) => (
          <li key={node.id} className={node.hasLease ? "node" : "node is-lost"}>
            <div className="node-name">
              <span className="lamp" aria-hidden="true" />
              <h3>
                <span className="mono">{node.id.slice(0, 8)}</span>{" "}
                {node.id === repliedBy && <em>serves this page</em>}
              </h3>
              <p>
                {node.host} · version {node.version} ·{" "}
                {node.hasLease ? (
                  `up ${duration(Date.parse(serverTime) - Date.parse(node.startedAt))}`
                ) : (
                  <>
                    no lease, last report <Ago at={node.reportedAt} />
                  </>
                )}
              </p>
            </div>
            <dl className="node-numbers figures">
              <div>
                <dt>WebSocket</dt>
                <dd>{whole(node.connections.websocket)}</dd>
              </div>
              <div>
                <dt>Socket.IO</dt>
                <dd>{whole(node.connections.socketio)}</dd>
              </div>
              <div>
                <dt>SSE</dt>
                <dd>{whole(node.connections.sse)}</dd>
              </div>
              <div>
                <dt>Calls/s</dt>
                <dd>{short(node.callsPerSecond)}</dd>
              </div>
              <div>
                <dt>Deliveries/s</dt>
                <dd>{short(node.deliveriesPerSecond)}</dd>
              </div>
              <div>
                <dt>Loop delay</dt>
                <dd>{short(node.eventLoopDelayMs)} ms</dd>
              </div>
              <div>
                <dt>Memory</dt>
                <dd>{bytes(node.memoryBytes)}</dd>
              </div>
            </dl>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
