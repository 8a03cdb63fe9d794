import { expect, it, vi } from "vitest";
import type { Connection } from "../core/connection.js";
import { ConnectionCounts } from "../limits/connection-counts.js";
import { Connections } from "./connections.js";

const limits = { perNode: 100, perAddress: 2, perUser: 100, perSecond: 100, waitingPerAddress: 100 };
const listeners = { onClosed() {}, onCallerChanged() {} };

it("OP6 AU5: for each surplus connection that the primary reports, another connection is terminated", () => {
  // The address has two connections at other workers and two here. These four exceed the limit of 2 by two.
  const otherWorkers = { of: () => 2, changed: () => {} };
  const connections = new Connections(new ConnectionCounts(limits, otherWorkers), listeners);
  const [older, newer] = [connectionOf(), connectionOf()];
  connections.add(older);
  connections.add(newer);

  connections.closeNewest("network", "127.0.0.1", 1);
  expect(newer.terminate).toHaveBeenCalledOnce();
  expect(older.terminate).not.toHaveBeenCalled();
  // The socket of the newer connection has not closed yet, so the older one is terminated next.
  connections.closeNewest("network", "127.0.0.1", 1);
  expect(older.terminate).toHaveBeenCalledOnce();
  connections.closeNewest("network", "127.0.0.1", 1);
  expect(newer.terminate).toHaveBeenCalledOnce();
});

function connectionOf(): Connection {
  return {
    address: "127.0.0.1",
    caller: { kind: "nobody" },
    terminate: vi.fn(),
  } as unknown as Connection;
}
