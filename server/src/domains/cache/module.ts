import { GrandstandError } from "@grandstand/shared/errors";
import type { Json } from "@grandstand/shared/json";
import { limits } from "@grandstand/shared/limits";
import { type Idempotency, idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { type ArgumentsOf, namedReply, type ReplyOf, runScript, type Script } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import {
  deleteScript,
  getScript,
  invalidateScript,
  putScript,
  releaseScript,
  takeScript,
} from "./scripts.js";

/**
 * How long Redis keeps the numbers of invalidations (entry.lua). This is longer than the TTL of any entry or load, because
 * entries and loads are compared with the numbers.
 */
const memoryMs = limits.cacheTtlMs + 86_400_000;

type Outcome = "hit" | "load" | "wait";
type OwnArguments<Args extends string> = Omit<ArgumentsOf<Args>, "fingerprint" | "replyTtlMs">;

/** Caches for the app's servers. One caller at a time loads a missing entry. Tags invalidate groups of entries. */
export function cacheModule({ redis, keys }: DomainDependencies): DomainModule<"cache"> {
  /** @param key the entry's key; null for a script that concerns the whole cache */
  async function run<Args extends string, Reply extends string>(
    script: Script<Args, Reply>,
    { cache, key }: { cache: string; key: string | null },
    args: OwnArguments<Args>,
    idempotency: Idempotency | null = null,
  ): Promise<ReplyOf<Reply>> {
    const names = keys.cache(cache);
    const { scope, args: ofKey } = idempotencyArguments(idempotency);
    const scriptKeys = {
      tags: names.tags,
      entry: names.entry(key ?? ""),
      load: names.load(key ?? ""),
      firstReply: names.firstReply(scope),
    };
    const all = { ...ofKey, ...args } as unknown as ArgumentsOf<Args>;
    const [status, ...values] = (await runScript(redis, script, scriptKeys, all)) as string[];
    refuseReusedKey(status!);
    if (status === "miss") throw new GrandstandError("not_found", "The cache has no such entry");
    return namedReply(script, status!, values);
  }

  return {
    operations: {
      "cache.get": async (entry) => {
        const { value, remainingMs } = await run(getScript, entry, {});
        return { value: JSON.parse(value) as Json, expiresInMs: Number(remainingMs) };
      },

      "cache.take": async ({ token, loadMs, ...entry }) => {
        const reply = await run(takeScript, entry, { token, loadMs, memoryMs });
        const { outcome, value, remainingMs } = reply;
        return {
          status: outcome as Outcome,
          value: outcome === "hit" ? (JSON.parse(value) as Json) : null,
          remainingMs: Number(remainingMs),
        };
      },

      "cache.put": async ({ value, ttlMs, tags, token = "", ...entry }, { idempotency }) => {
        const args = {
          token,
          value: JSON.stringify(value),
          tagList: JSON.stringify(tags),
          ttlMs,
          memoryMs,
        };
        const { stored } = await run(putScript, entry, args, idempotency);
        return { stored: stored === "1" };
      },

      "cache.release": async ({ token, ...entry }, { idempotency }) => {
        const { released } = await run(releaseScript, entry, { token }, idempotency);
        return { released: released === "1" };
      },

      "cache.delete": async (entry, { idempotency }) => {
        const { deleted } = await run(deleteScript, entry, {}, idempotency);
        return { deleted: deleted === "1" };
      },

      "cache.invalidate": async ({ cache, tags = [] }, { idempotency }) => {
        const args = { memoryMs, tagsLimit: limits.invalidatedTags, names: tags };
        await run(invalidateScript, { cache, key: null }, args, idempotency);
        return { cache };
      },
    },
  };
}
