import { operationNames } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import { coversScope } from "@grandstand/shared/rights";
import { domainOf } from "@grandstand/shared/scopes";
import type { ApiKeys } from "../../auth/api-keys.js";
import type { Identity } from "../../auth/identity.js";
import { nameTaken } from "../../auth/stored-keys.js";
import type { Caller } from "../../core/caller.js";
import { toIsoTime } from "../../core/iso-time.js";
import type { DomainModule } from "../shared/module.js";

const domains = new Set(operationNames.map(domainOf));

export function keyModule({ storedKeys, apiKeys, revocations }: Identity): DomainModule<"key"> {
  return {
    operations: {
      "key.create": async ({ name, scopes, expiresAt }, { caller }) => {
        checkScopes(scopes, caller);
        // Keys of the same name share their quotas and idempotency keys. A caller must not take over another caller's
        // quotas, so a caller may reuse only its own name, unless the caller has all scopes.
        const mayReuseName = nameOf(caller) === name || coversScope(scopesOf(caller), "*");
        if (apiKeys.hasName(name) && !mayReuseName) throw nameTaken();
        const ends = expiresAt === undefined ? null : new Date(expiresAt);
        const maker = makerOf(caller, apiKeys);
        return storedKeys.create({ name, scopes, expiresAt: ends }, { maker, mayReuseName });
      },

      "key.list": async () => ({ keys: await storedKeys.list() }),

      "key.revoke": async ({ key: id }, { caller, idempotency }) => {
        const key = await storedKeys.read(id);
        if (key === null && !(await revocations.revokedBefore(idempotency))) {
          if (apiKeys.callerOf(id) !== null) {
            const message = "is in the settings: remove it from GRANDSTAND_API_KEYS";
            throw new GrandstandError("conflict", `This key ${message}`, {
              issues: [{ path: "key", rule: "settings", message }],
            });
          }
          throw new GrandstandError("not_found", "There is no such key");
        }
        if (key?.scopes.some((scope) => !coversScope(scopesOf(caller), scope))) {
          throw new GrandstandError("forbidden", "The key has scopes that the calling key does not have");
        }
        const at = await revocations.revoke("key", id, idempotency);
        return { key: id, revokedAt: toIsoTime(at) };
      },
    },
  };
}

/** @throws {GrandstandError} `bad_request` for a scope of an unknown domain, `forbidden` for a scope that the caller lacks */
function checkScopes(scopes: string[], caller: Caller): void {
  const own = scopesOf(caller);
  for (const [at, scope] of scopes.entries()) {
    const refuse = (code: "bad_request" | "forbidden", message: string) =>
      new GrandstandError(code, `scopes.${at} ${message}`, {
        issues: [{ path: `scopes.${at}`, rule: "scope", message }],
      });
    if (scope !== "*" && !domains.has(scope.split(":", 1)[0]!)) {
      throw refuse("bad_request", `must name a domain: ${[...domains].join(", ")}`);
    }
    if (!coversScope(own, scope)) throw refuse("forbidden", "is not a scope of the calling key");
  }
}

/** The id of the calling key when it is stored in Redis; null for a key in the settings. */
function makerOf(caller: Caller, apiKeys: ApiKeys): string | null {
  const id = caller.kind === "server" ? caller.credential?.id.slice("key:".length) : undefined;
  return id === undefined || apiKeys.callerOf(id) !== null ? null : id;
}

function scopesOf(caller: Caller): readonly string[] {
  return caller.kind === "server" ? (caller.scopes ?? ["*"]) : [];
}

function nameOf(caller: Caller): string | null {
  return caller.kind === "server" ? caller.keyName : null;
}
