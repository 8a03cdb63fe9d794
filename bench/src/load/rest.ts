import autocannon from "autocannon";
import { serve } from "../processes/service.js";
import { batchOf, scoresFrom } from "./scores.js";

export interface RestLoad {
  url: string;
  /** Null where no credentials are asked for. */
  token: string | null;
  /** Each sends its next request when the last one is answered. */
  connections: number;
  requests: number;
  /** Null: each body is one score; else it is `{scores}` with so many. */
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

/** How many different bodies a connection goes round in: made beforehand, so that sending is all it does. */
const SINGLE_BODIES = 500;
const BATCH_BODIES = 10;

/** Sends scores with autocannon; the time runs until the last answer. */
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
  // Without a callback it is both, which its types don't say.
  const instance = autocannon({
    url,
    method: "POST",
    headers,
    connections,
    amount,
    // How often it looks whether all is done.
    sampleInt: 100,
    setupClient: (client) => {
      client.setRequests(bodies.pop()!.map((body) => ({ method: "POST", headers, body })));
    },
  }) as Promise<autocannon.Result> & autocannon.Instance;
  // Its own clock would stop only at the next look.
  let startedAt = 0;
  let answeredAt = 0;
  instance.on("start", () => {
    startedAt = performance.now();
  });
  instance.on("response", () => {
    answeredAt = performance.now();
  });
  const result = await instance;
  if (result["2xx"] !== amount) {
    const { errors, timeouts, non2xx } = result;
    throw new Error(
      `${url} did not answer all of ${amount}: ${JSON.stringify({ errors, timeouts, non2xx })}`,
    );
  }
  return {
    seconds: (answeredAt - startedAt) / 1_000,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
