import { setTimeout as wait } from "node:timers/promises";
import { createServerClient, GrandstandError } from "@grandstand/sdk/server";
import { createTools, type ServerTools } from "@grandstand/sdk/server/tools";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Keys } from "../../src/redis/keys.js";
import { eventually } from "../support/eventually.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { redisClient } from "../support/redis-client.js";

const SERVERS = 8;

let nodes: TestNode[];
/** The tools of several servers of an app. Adjacent servers in this list use different nodes. */
let servers: ServerTools[];
let id: string;
const prefix = freshPrefix();
const redis = redisClient();

beforeAll(async () => {
  const start = () => startTestNode({ GRANDSTAND_PREFIX: prefix });
  nodes = await Promise.all([start(), start()]);
});

beforeEach(() => {
  id = freshId("it");
  servers = Array.from({ length: SERVERS }, (_, at) =>
    createTools(createServerClient({ url: nodes[at % nodes.length]!.url, apiKey: TEST_API_KEY }), {
      cache: id,
    }),
  );
});

afterAll(async () => {
  redis.disconnect();
  await Promise.all(nodes.map((node) => node.close()));
});

/** Makes the same call on all servers at once. @returns the result of each server */
function onAll<T>(call: (server: ServerTools, at: number) => Promise<T>): Promise<T[]> {
  return Promise.all(servers.map(call));
}

describe("cache", () => {
  it("OP14: loads a value once, however many servers ask at the same time", async () => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      await wait(100);
      return { n: loads };
    };
    expect(await onAll(({ cache }) => cache.wrap("k", 60_000, load))).toEqual(servers.map(() => ({ n: 1 })));
    const [one] = servers;
    expect(
      await Promise.all([one!.cache.wrap("j", 60_000, load), one!.cache.wrap("j", 60_000, load)]),
    ).toEqual([{ n: 2 }, { n: 2 }]);
  });

  it("OP14: when a load fails, only its own caller gets the error, and another caller loads the value again", async () => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      await wait(50);
      if (loads === 1) throw new Error("the database is away");
      return "value";
    };
    const results = await Promise.allSettled(servers.map(({ cache }) => cache.wrap("k", 60_000, load)));
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
    expect(loads).toBe(2);
  });

  it("OP14: if a server's load of a value never ends, another server loads the value after `loadMs`", async () => {
    const dead = () => new Promise<string>(() => {});
    void servers[0]!.cache.wrap("k", 60_000, dead, { loadMs: 2_000 });
    await eventually(async () => expect(await redis.exists(new Keys(prefix).cache(id).load("k"))).toBe(1));
    expect(await servers[1]!.cache.wrap("k", 60_000, () => "value")).toBe("value");
  });

  it("OP14: a value that was invalidated or deleted during its load is not cached", async () => {
    const [one, other] = servers as [ServerTools, ServerTools];
    const drops: [key: string, drop: () => Promise<void>][] = [
      ["a", () => other.cache.invalidate("lamps", "chairs")],
      ["b", () => other.cache.delete("b")],
      ["c", () => other.cache.clear()],
    ];
    for (const [key, drop] of drops) {
      const old = await one.cache.wrap(
        key,
        60_000,
        async () => {
          await drop();
          return "old";
        },
        { tags: ["lamps"] },
      );
      expect(old).toBe("old");
      expect(await other.cache.wrap(key, 60_000, () => "new", { tags: ["lamps"] })).toBe("new");
      expect(await one.cache.wrap(key, 60_000, () => "newer")).toBe("new");
      await other.cache.invalidate("tables");
      expect(await one.cache.wrap(key, 60_000, () => "newer")).toBe("new");
    }
  });

  it("OP14: a caller that aborts ends only its own call, and no value is loaded when all callers aborted", async () => {
    const [one, other] = servers as [ServerTools, ServerTools];
    let finish: ((value: string) => void) | undefined;
    const loading = other.cache.wrap("k", 60_000, () => new Promise<string>((resolve) => (finish = resolve)));
    await eventually(() => expect(finish).toBeDefined());

    const loaded: string[] = [];
    const load = (name: string) => () => {
      loaded.push(name);
      return name;
    };
    const wrap = (name: string, signal?: AbortSignal) =>
      one.cache.wrap("k", 60_000, load(name), signal ? { signal } : {});
    const [first, second] = [new AbortController(), new AbortController()];
    const aborted = [wrap("first", first.signal), wrap("second", second.signal)];
    first.abort("first left");
    await expect(aborted[0]).rejects.toBe("first left");
    await expect(wrap("late", AbortSignal.abort("never came"))).rejects.toBe("never came");
    const third = wrap("third");
    second.abort("second left");
    await expect(aborted[1]).rejects.toBe("second left");
    finish!("value");
    expect(await Promise.all([loading, third])).toEqual(["value", "value"]);

    let fail: ((error: Error) => void) | undefined;
    const failing = other.cache.wrap("j", 60_000, () => new Promise<string>((_, reject) => (fail = reject)));
    await eventually(() => expect(fail).toBeDefined());
    const alone = new AbortController();
    const left = one.cache.wrap("j", 60_000, load("left"), { signal: alone.signal });
    alone.abort("left");
    await expect(left).rejects.toBe("left");
    // When the load fails, a waiting call loads the value. The aborted call must not load it.
    fail!(new Error("the database is away"));
    await expect(failing).rejects.toThrow("the database is away");
    expect(await one.cache.wrap("j", 60_000, () => "next")).toBe("next");
    expect(loaded).toEqual([]);
  });

  it("OP14: when Grandstand can't be reached, the app loads its values itself", async () => {
    const away = createTools(
      createServerClient({ url: "http://127.0.0.1:9", apiKey: "key", timeoutMs: 100 }),
    );
    expect(await away.cache.wrap("k", 1_000, () => "value")).toBe("value");
  });
});

describe("lock", () => {
  it("OP14: has one owner at a time, even if the owner's work takes longer than the TTL, and fencing numbers rise", async () => {
    let value = 0;
    const fences: number[] = [];
    await onAll(({ lock }) =>
      lock.with(
        id,
        2_000,
        async ({ fence }) => {
          const read = value;
          fences.push(fence);
          await wait(fences.length === 1 ? 2_500 : 5);
          value = read + 1;
        },
        { waitMs: 20_000 },
      ),
    );
    expect(value).toBe(SERVERS);
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
  });

  it("OP14: an owner that lost the lock gets a signal, and does not release the lock of the next owner", async () => {
    const [one, other] = servers as [ServerTools, ServerTools];
    const { owner } = new Keys(prefix).lock(id);
    const holders: string[] = [];
    const lost = one.lock.with(id, 300, async ({ signal }) => {
      await redis.del(owner);
      const next = other.lock.with(id, 2_000, async () => {
        holders.push("other");
        await expect(lost).rejects.toMatchObject({ code: "conflict", issues: [{ rule: "lost" }] });
        expect(await redis.exists(owner)).toBe(1);
      });
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      holders.push("one");
      void next;
      nextDone = next;
    });
    let nextDone: Promise<void> | undefined;
    await expect(lost).rejects.toThrow(GrandstandError);
    await nextDone;
    expect(holders).toEqual(["other", "one"]);
    expect(await redis.exists(owner)).toBe(0);
  });

  it("OP14: a caller that does not get the lock in time gets `conflict`, and work that throws releases the lock", async () => {
    const [one, other] = servers as [ServerTools, ServerTools];
    await one.lock.with(id, 5_000, async () => {
      await expect(other.lock.with(id, 5_000, () => {}, { waitMs: 0 })).rejects.toMatchObject({
        code: "conflict",
        issues: [{ path: "lock", rule: "held" }],
      });
    });
    const failing = one.lock.with(id, 5_000, () => {
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    expect(await other.lock.with(id, 5_000, () => "done", { waitMs: 0 })).toBe("done");
  });
});

describe("jobs", () => {
  it("OP14: workers of several servers run each job, and retry a failed attempt", async () => {
    const end = new AbortController();
    const done: number[] = [];
    const attempts: number[] = [];
    const run = async ({ n }: { n: number }, { attempt }: { attempt: number }) => {
      if (n === 0) attempts.push(attempt);
      if (n === 0 && attempt === 1) throw new Error("the mail server is away");
      done.push(n);
    };
    const [one] = servers as [ServerTools];
    await Promise.all(Array.from({ length: 20 }, (_, n) => one.jobs.add(id, { n }, { backoffMs: 0 })));
    const working = servers.map(({ jobs }) =>
      jobs.work(id, run, { signal: end.signal, concurrency: 2, pollMs: 50 }),
    );
    await eventually(() => expect([...done].sort((a, b) => a - b)).toEqual([...Array(20).keys()]));
    expect(attempts).toEqual([1, 2]);
    end.abort();
    await Promise.all(working);
    expect(await redis.exists(new Keys(prefix).jobQueue(id).records)).toBe(0);
  });

  it("OP14: a job whose worker lost the lease goes to another worker, and the first worker gets a signal", async () => {
    const [endFirst, end] = [new AbortController(), new AbortController()];
    const [one, other] = servers as [ServerTools, ServerTools];
    const { taken } = new Keys(prefix).jobQueue(id);
    await one.jobs.add(id, "payload", { job: "j" });
    let firstSignal: AbortSignal | undefined;
    const first = one.jobs.work(
      id,
      async (_, { signal }) => {
        firstSignal = signal;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
      { signal: endFirst.signal, leaseMs: 1_000 },
    );
    await eventually(() => expect(firstSignal).toBeDefined());
    // The first worker takes no further job, so the second worker gets this job.
    endFirst.abort();
    const seen: unknown[] = [];
    const second = other.jobs.work(
      id,
      async (payload, { id: job, attempt }) => {
        seen.push([payload, job, attempt]);
        await eventually(() => expect(firstSignal!.aborted).toBe(true));
      },
      { signal: end.signal, pollMs: 50 },
    );
    await eventually(async () => {
      // Ends the first worker's lease in each attempt, because the worker may have renewed the lease in the meantime.
      if (seen.length === 0) await redis.zadd(taken, "XX", 1, "j");
      expect(seen).toEqual([["payload", "j", 2]]);
    });
    await eventually(async () => expect(await redis.exists(taken)).toBe(0));
    end.abort();
    await Promise.all([first, second]);
  });
});

describe("limit", () => {
  const rule = { points: 5, windowMs: 60_000 };

  it("OP14: all servers share the points of a limit, which come back over the window", async () => {
    const answers = await onAll(({ limit }) => limit.check(id, "ann", rule));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(rule.points);
    const refused = answers.find(({ allowed }) => !allowed)!;
    expect(refused.retryAfterMs).toBeGreaterThan(10_000);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(12_000);
    expect(refused.headers).toEqual({
      "RateLimit-Policy": `"${id}";q=5;w=60`,
      RateLimit: `"${id}";r=0;t=60`,
      "Retry-After": "12",
    });
    expect(await servers[0]!.limit.check(id, "bo", { ...rule, cost: 5 })).toMatchObject({ remaining: 0 });
    const short = { points: 2, windowMs: 400 };
    await onAll(({ limit }) => limit.check(id, "cy", short));
    await eventually(async () => {
      expect((await servers[1]!.limit.check(id, "cy", short)).allowed).toBe(true);
    });
  });

  it("OP14: a check with a cost of 0 takes no points, and a cost above the limit's points is refused", async () => {
    const [{ limit }] = servers as [ServerTools];
    for (let times = 0; times < 3; times += 1) {
      expect(await limit.check(id, "{a:b} é", { ...rule, cost: 0 })).toMatchObject({
        allowed: true,
        remaining: 5,
        resetMs: 0,
      });
    }
    await expect(limit.check(id, "ann", { ...rule, cost: 6 })).rejects.toMatchObject({
      code: "bad_request",
      issues: [{ path: "cost" }],
    });
  });
});
