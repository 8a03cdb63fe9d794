import { GrandstandError } from "@grandstand/shared/errors";
import { growingDelays } from "../growing-delays.js";
import { newKey } from "../idempotency-key.js";
import { pause } from "../pause.js";
import type { InputOf, ServerClient } from "../server.js";

type Value = InputOf<"cache.put">["value"];

export interface WrapOptions {
  /** Tags of the value, for `invalidate`. */
  tags?: readonly string[];
  /** How long `load` may take until another server loads the value, in ms. 30,000 when not given. */
  loadMs?: number;
  /** Ends the wait for another server's load, which rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface Cache {
  /**
   * Returns the cached value, or loads and caches it. However many servers ask at the same time, one of them loads; the
   * others wait for its value. When the load fails, the call that made it rejects and the next one loads. When the cache
   * can't be reached, the value is loaded without it.
   * @param load returns a JSON value
   */
  wrap<T>(key: string, ttlMs: number, load: () => Promise<T> | T, options?: WrapOptions): Promise<T>;
  /** Drops an entry. A value that is being loaded is not cached. */
  delete(key: string): Promise<void>;
  /** Drops all entries with one of the tags. Values that are being loaded are not cached. */
  invalidate(...tags: string[]): Promise<void>;
  /** Drops all entries. */
  clear(): Promise<void>;
}

const LOAD_MS = 30_000;

export function createCache(client: ServerClient, cache: string): Cache {
  /** The calls of this process under way, by key: they share one. */
  const running = new Map<string, Promise<unknown>>();

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
      const taken = await reached(client.cache.take({ ...entry, token, loadMs }));
      if (taken === null) return load();
      if (taken.status === "hit") return taken.value as T;
      if (taken.status === "load") break;
      signal?.throwIfAborted();
      await pause(Math.min(nextDelay(), Math.max(1, taken.remainingMs)), signal);
    }
    try {
      const value = await load();
      await reached(client.cache.put({ ...entry, value: value as Value, ttlMs, tags: [...tags], token }));
      return value;
    } catch (error) {
      await reached(client.cache.release({ ...entry, token }));
      throw error;
    }
  }

  return {
    wrap(key, ttlMs, load, options = {}) {
      const known = running.get(key);
      if (known !== undefined) return known as Promise<never>;
      const call = wrapOnce(key, ttlMs, load, options).finally(() => {
        // An invalidation may have made room for a later call.
        if (running.get(key) === call) running.delete(key);
      });
      running.set(key, call);
      return call;
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

/** Null when the cache can't be reached: an app works without its cache. */
async function reached<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GrandstandError && error.code === "unavailable") return null;
    throw error;
  }
}
