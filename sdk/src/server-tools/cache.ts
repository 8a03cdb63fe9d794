import { growingDelays } from "../growing-delays.js";
import { newKey } from "../idempotency-key.js";
import { pause } from "../pause.js";
import type { InputOf, ServerClient } from "../server.js";
import { nullOn } from "./null-on.js";

type Value = InputOf<"cache.put">["value"];

export interface WrapOptions {
  /** Tags of the value, for `invalidate`. */
  tags?: readonly string[];
  /**
   * How long other callers wait for this `load`, in ms. After this time, one of them loads the value itself. 30,000 when
   * not given.
   */
  loadMs?: number;
  /**
   * Aborts this call: `wrap` rejects with the signal's reason. Other calls for the key go on. A `load` that has begun
   * is not interrupted, and its value is cached.
   */
  signal?: AbortSignal;
}

export interface Cache {
  /**
   * Returns the cached value, or loads and caches it. If several servers request the key at the same time,
   * one of them loads the value and the others wait for it. If `load` fails, `wrap` rejects on the server
   * that called it, and a waiting server loads instead. If the cache can't be reached, `load` is called and
   * its value is not cached.
   * @param load returns a JSON value
   */
  wrap<T>(key: string, ttlMs: number, load: () => Promise<T> | T, options?: WrapOptions): Promise<T>;
  /** Drops an entry. If its value is being loaded, that value is returned but not cached. */
  delete(key: string): Promise<void>;
  /** Drops all entries with one of the tags. Values that are being loaded are returned but not cached. */
  invalidate(...tags: string[]): Promise<void>;
  /** Drops all entries. */
  clear(): Promise<void>;
}

const LOAD_MS = 30_000;

/** Replaces the error `unavailable` with null: an app has to work without its cache. */
const unlessDown = nullOn("unavailable");

/** A running `wrap`. All calls of this process for the same key share its result. */
interface SharedWrap {
  result: Promise<unknown>;
  /** How many calls want the result. */
  callers: number;
  /** Called when no call wants the result any more. */
  abandon: () => void;
}

export function createCache(client: ServerClient, cache: string): Cache {
  const running = new Map<string, SharedWrap>();

  async function wrapOnce<T>(
    key: string,
    ttlMs: number,
    load: () => Promise<T> | T,
    { tags = [], loadMs = LOAD_MS, signal }: WrapOptions,
  ): Promise<T> {
    const entry = { cache, key };
    const token = newKey();
    const nextDelay = growingDelays(20, 500);
    for (;;) {
      const taken = await unlessDown(client.cache.take({ ...entry, token, loadMs }));
      if (taken === null) return load();
      if (taken.status === "hit") return taken.value as T;
      if (taken.status === "load") break;
      await pause(Math.min(nextDelay(), Math.max(1, taken.remainingMs)), signal);
    }
    try {
      signal?.throwIfAborted();
      const value = await load();
      await unlessDown(client.cache.put({ ...entry, value: value as Value, ttlMs, tags: [...tags], token }));
      return value;
    } catch (error) {
      await unlessDown(client.cache.release({ ...entry, token }));
      throw error;
    }
  }

  return {
    wrap(key, ttlMs, load, options = {}) {
      let shared = running.get(key);
      if (shared === undefined) {
        const abandoned = new AbortController();
        // After an invalidation, the map may contain a later `wrap` of the same key, which must stay.
        const forget = () => {
          if (running.get(key) === shared) running.delete(key);
        };
        shared = {
          result: wrapOnce(key, ttlMs, load, { ...options, signal: abandoned.signal }).finally(forget),
          callers: 0,
          abandon: () => {
            forget();
            abandoned.abort();
          },
        };
        running.set(key, shared);
      }
      return join(shared, options.signal) as Promise<Awaited<ReturnType<typeof load>>>;
    },
    async delete(key) {
      running.delete(key);
      await client.cache.delete({ cache, key });
    },
    async invalidate(...tags) {
      running.clear();
      await client.cache.invalidate({ cache, tags });
    },
    async clear() {
      running.clear();
      await client.cache.invalidate({ cache });
    },
  };
}

/** Resolves to the shared result, or rejects when the caller's own signal is aborted. */
function join(shared: SharedWrap, signal?: AbortSignal): Promise<unknown> {
  shared.callers += 1;
  if (signal === undefined) return shared.result;
  return new Promise((resolve, reject) => {
    const leave = () => {
      reject(signal.reason);
      shared.callers -= 1;
      if (shared.callers === 0) shared.abandon();
    };
    signal.addEventListener("abort", leave, { once: true });
    const stay = () => signal.removeEventListener("abort", leave);
    shared.result.finally(stay).then(resolve, reject);
    if (signal.aborted) leave();
  });
}
