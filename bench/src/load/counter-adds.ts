import { setTimeout } from "node:timers/promises";
import { serve } from "../processes/service.js";
import { percentile } from "../statistics.js";
import { openSession, request } from "./ws-session.js";

export interface CounterAdds {
  url: string;
  token: string;
  /** The number of connections. Each sends its next add after the reply to its last one. */
  connections: number;
  adds: number;
  /** The number of counters that the adds are spread over, in turn. */
  counters: number;
  /** The pause of a connection after each reply. */
  restMs: number;
  /** Whether each add has an idempotency key. */
  isKeyed: boolean;
  /** Makes the idempotency keys of this load unique. */
  seed: number;
}

export interface CounterAddsResult {
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

const methods = { run };

export type CounterAddsMethods = typeof methods;

serve(methods);

/** Calls `counter.add` over plain WebSockets. The time runs from the first add to the last reply. */
async function run(load: CounterAdds): Promise<CounterAddsResult> {
  const sockets = await Promise.all(
    Array.from({ length: load.connections }, () => openSession(load.url, load.token)),
  );
  const latencies: number[] = [];
  let sent = 0;
  const startedAt = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      while (sent < load.adds) {
        sent += 1;
        const data = {
          counter: `adds:${sent % load.counters}`,
          ...(load.isKeyed && { idempotencyKey: `${load.seed}-${sent}` }),
        };
        const sentAt = performance.now();
        await request(socket, { id: sent, op: "counter.add", data });
        latencies.push(performance.now() - sentAt);
        if (load.restMs > 0) await setTimeout(load.restMs);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const socket of sockets) socket.close();
  return { seconds, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
}
