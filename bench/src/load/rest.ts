import autocannon from "autocannon";
import { serve } from "../processes/service.js";
import { batchOf, scoresFrom } from "./scores.js";

export interface RestLoad {
  url: string;
  /** Null if the server needs no credentials. */
  token: string | null;
  /** The number of connections. A connection sends a request only after the reply to its previous request. */
  connections: number;
  requests: number;
  /** If null, each body is a single score; otherwise it is `{scores}` with this number of scores. */
  scoresPerRequest: number | null;
  members: number;
  seed: number;
}

export interface RestLoadResult {
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

const methods = { run };

export type RestLoadMethods = typeof methods;

serve(methods);

/** The number of request bodies per connection if each body is a single score. They are created before the measurement. */
const SINGLE_BODIES = 500;
/** The number of request bodies per connection if each body is a batch of scores. */
const BATCH_BODIES = 10;

/** Sends scores with autocannon. `seconds` is the time from the start to the last reply. */
async function run(load: RestLoad): Promise<RestLoadResult> {
  const { url, token, connections, requests: amount, scoresPerRequest, members, seed } = load;
  const next = scoresFrom(seed, members);
  const bodies = Array.from({ length: connections }, () =>
    Array.from({ length: scoresPerRequest === null ? SINGLE_BODIES : BATCH_BODIES }, () =>
      JSON.stringify(scoresPerRequest === null ? next() : { scores: batchOf(next, scoresPerRequest) }),
    ),
  );
  const headers = {
    "content-type": "application/json",
    ...(token !== null && { authorization: `Bearer ${token}` }),
  };
  // Without a callback, autocannon returns an object that is an emitter and a promise, but its types say
  // promise only.
  const instance = autocannon({
    url,
    method: "POST",
    headers,
    connections,
    amount,
    // The interval at which autocannon checks whether all requests are done.
    sampleInt: 100,
    setupClient: (client) => {
      client.setRequests(bodies.pop()!.map((body) => ({ method: "POST", headers, body })));
    },
  }) as Promise<autocannon.Result> & autocannon.Instance;
  // The time is measured here, because autocannon stops its own clock only at its next check.
  let startedAt = 0;
  let lastReplyAt = 0;
  instance.on("start", () => {
    startedAt = performance.now();
  });
  instance.on("response", () => {
    lastReplyAt = performance.now();
  });
  const result = await instance;
  if (result["2xx"] !== amount) {
    const { errors, timeouts, non2xx } = result;
    throw new Error(
      `${url} did not reply with 2xx to all ${amount} requests: ${JSON.stringify({ errors, timeouts, non2xx })}`,
    );
  }
  return {
    seconds: (lastReplyAt - startedAt) / 1_000,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
