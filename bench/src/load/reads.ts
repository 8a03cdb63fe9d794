import autocannon from "autocannon";
import { serve } from "../processes/service.js";

export interface Reads {
  url: string;
  headers: Record<string, string>;
  /** Requested in turn. */
  paths: string[];
  /** The number of connections. Each sends its next request after the reply to its last one. */
  connections: number;
  requests: number;
  status: 200 | 304;
}

const methods = { run };

export type ReadsMethods = typeof methods;

serve(methods);

/** Sends GET requests with autocannon. @returns the time until the last reply, in seconds */
async function run({ url, headers, paths, connections, requests, status }: Reads): Promise<number> {
  let started = 0;
  const instance = autocannon({
    url,
    headers,
    connections,
    amount: requests,
    sampleInt: 100,
    setupClient: (client) => {
      // Each connection begins with another path, so that connections request different paths at the same time.
      const first = Math.floor((started / connections) * paths.length);
      started += 1;
      const own = [...paths.slice(first), ...paths.slice(0, first)];
      client.setRequests(own.map((path) => ({ method: "GET", path, headers })));
    },
  }) as Promise<autocannon.Result> & autocannon.Instance;
  let startedAt = 0;
  let lastReplyAt = 0;
  let unexpected = 0;
  instance.on("start", () => {
    startedAt = performance.now();
  });
  instance.on("response", (_client, statusCode) => {
    lastReplyAt = performance.now();
    if (statusCode !== status) unexpected += 1;
  });
  const { errors, timeouts } = await instance;
  if (unexpected + errors + timeouts > 0) {
    const counts = JSON.stringify({ unexpected, errors, timeouts });
    throw new Error(`${url} did not reply with ${status} to all ${requests} requests: ${counts}`);
  }
  return (lastReplyAt - startedAt) / 1_000;
}
