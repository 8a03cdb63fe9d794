import { randomBytes } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { namedReply, runScript, scriptsOf } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";

const define = scriptsOf(import.meta.url, { keys: ["owner", "fence", "firstReply"] });
const idempotencyNames = ["fingerprint", "replyTtlMs"] as const;

const acquireScript = define("acquire", {
  args: [...idempotencyNames, "token", "ttlMs", "memoryMs"],
  reply: ["fence", "owner", "remainingMs"],
});
const renewScript = define("renew", {
  args: [...idempotencyNames, "token", "ttlMs"],
  reply: ["remainingMs"],
});
const releaseScript = define("release", { args: [...idempotencyNames, "token"], reply: ["released"] });
const getScript = define("get", { reply: ["fence", "remainingMs"] });

/** How long Redis keeps the last fencing number of a lock. */
const FENCE_MEMORY_MS = 30 * 86_400_000;

/**
 * Locks for the app's servers. A lock expires when its owner does not renew it. A lock has at most one owner, except after
 * a failover of Redis that loses the lock. In that case the later owner has the higher fencing number.
 */
export function lockModule({ redis, keys }: DomainDependencies): DomainModule<"lock"> {
  const keysOf = (lock: string, scope: string) => {
    const { owner, fence, firstReply } = keys.lock(lock);
    return { owner, fence, firstReply: firstReply(scope) };
  };

  return {
    operations: {
      "lock.acquire": async ({ lock, ttlMs }, { idempotency }) => {
        const { scope, args } = idempotencyArguments(idempotency);
        const [status, ...values] = (await runScript(redis, acquireScript, keysOf(lock, scope), {
          ...args,
          token: randomBytes(16).toString("base64url"),
          ttlMs,
          memoryMs: FENCE_MEMORY_MS,
        })) as string[];
        refuseReusedKey(status!);
        if (status === "held") {
          return { acquired: false, token: null, fence: null, remainingMs: Number(values[0]) };
        }
        const { fence, owner, remainingMs } = namedReply(acquireScript, status!, values);
        return { acquired: true, token: owner, fence: Number(fence), remainingMs: Number(remainingMs) };
      },

      "lock.renew": async ({ lock, token, ttlMs }, { idempotency }) => {
        const { scope, args } = idempotencyArguments(idempotency);
        const [status, ...values] = (await runScript(redis, renewScript, keysOf(lock, scope), {
          ...args,
          token,
          ttlMs,
        })) as string[];
        refuseReusedKey(status!);
        if (status === "lost") throw lost();
        return { remainingMs: Number(namedReply(renewScript, status!, values).remainingMs) };
      },

      "lock.release": async ({ lock, token }, { idempotency }) => {
        const { scope, args } = idempotencyArguments(idempotency);
        const [status, ...values] = (await runScript(redis, releaseScript, keysOf(lock, scope), {
          ...args,
          token,
        })) as string[];
        refuseReusedKey(status!);
        return { released: namedReply(releaseScript, status!, values).released === "1" };
      },

      "lock.get": async ({ lock }) => {
        const [status, ...values] = (await runScript(redis, getScript, keysOf(lock, "none"), {})) as string[];
        const { fence, remainingMs } = namedReply(getScript, status!, values);
        return {
          held: fence !== "",
          fence: fence === "" ? null : Number(fence),
          remainingMs: Number(remainingMs),
        };
      },
    },
  };
}

function lost(): GrandstandError {
  const message = "does not belong to the lock's owner: the lock has expired or was released";
  return new GrandstandError("conflict", `The token ${message}`, {
    issues: [{ path: "token", rule: "lost", message }],
  });
}
