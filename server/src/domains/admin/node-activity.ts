import type { NodeReport } from "@grandstand/shared/operations/admin";
import type { Facts, Observer } from "../../observer/observer.js";

/** What a node has counted since it started. */
export interface NodeCounts {
  calls: number;
  failures: number;
  limited: number;
  deliveries: number;
}

/** Counts what happens on a node (`Facts`). The node sends the counts to Redis in its node reports, for the console. */
export class NodeActivity implements Observer {
  readonly counts: NodeCounts = { calls: 0, failures: 0, limited: 0, deliveries: 0 };
  readonly connections: NodeReport["connections"] = { websocket: 0, socketio: 0, sse: 0 };

  note<F extends keyof Facts>(fact: F, detail: Facts[F]): void {
    const { counts, connections } = this;
    switch (fact) {
      case "callEnded": {
        const { code } = detail as Facts["callEnded"];
        counts.calls += 1;
        if (code === "internal" || code === "unavailable") counts.failures += 1;
        break;
      }
      case "limitReached":
        counts.limited += 1;
        break;
      case "pushSent": {
        const { publications, receivers } = detail as Facts["pushSent"];
        counts.deliveries += publications * receivers;
        break;
      }
      case "connectionOpened":
        connections[(detail as Facts["connectionOpened"]).transport] += 1;
        break;
      case "connectionClosed":
        connections[(detail as Facts["connectionClosed"]).transport] -= 1;
        break;
      default:
    }
  }
}
