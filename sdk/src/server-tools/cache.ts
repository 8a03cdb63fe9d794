import { GrandstandError } from "@grandstand/shared/errors";
import { growingDelays } from "../growing-delays.js";
import { newKey } from "../idempotency-key.js";
import { pause } from "../pause.js";
import type { InputOf, ServerClient } from "../server.js";

type Value = InputOf<"cache.put">["value"];

export interface WrapOptions {
  /** Tags of the value, for `invalidate`. */
  tags?: readonly string[];
  /**
   * How long other callers wait for this `load`, in ms. Then one of them loads the value itself. 30,000 when
   * not given.
   */
  loadMs?: number;
  /** Aborts the wait for another server's `load`: `wrap` then rejects with the signal's reason. */
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

export function createCache(client: ServerClient, cache: string): Cache {
  /** By key: the `wrap` that is under way in this process. Further calls for the key share its result. */
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
        // After an invalidation, the map may contain a later call for the same key, which must stay.
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

/** Resolves to null if Grandstand can't be reached, because an app has to work without its cache. */
async function reached<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof GrandstandError && error.code === "unavailable") return null;
    throw error;
  }
}
