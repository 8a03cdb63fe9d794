import { namedReply, runScript, scriptsOf } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";

const define = scriptsOf(import.meta.url, { keys: ["limit"] });
const checkScript = define("check", {
  args: ["points", "windowMs", "cost"],
  reply: ["allowed", "remaining", "retryAfterMs", "resetMs"],
});

/** The operation with which an app's backend limits its own routes. */
export function limitModule({ redis, keys }: DomainDependencies): DomainModule<"limit"> {
  return {
    operations: {
      "limit.check": async ({ limit, key, points, windowMs, cost }) => {
        const [status, ...values] = (await runScript(
          redis,
          checkScript,
          { limit: keys.appLimit(limit, key) },
          { points, windowMs, cost },
        )) as string[];
        const { allowed, remaining, retryAfterMs, resetMs } = namedReply(checkScript, status!, values);
        return {
          allowed: allowed === "1",
          remaining: Number(remaining),
          retryAfterMs: Number(retryAfterMs),
          resetMs: Number(resetMs),
        };
      },
    },
  };
}
