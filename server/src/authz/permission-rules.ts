import { isChannelAccess, type Right, rightsOf } from "@grandstand/shared/access";
import { parseChannel } from "@grandstand/shared/channels";
import { contract, type OperationName, operationNames } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Operation } from "@grandstand/shared/operation";
import { type Action, actionOf, domainOf } from "@grandstand/shared/scopes";
import type { Caller } from "../core/caller.js";
import { channelResolver, type ResolvedChannel } from "./channel-resolver.js";
import { grantsOf, hasScope, isAllowed, mayModerate } from "./grants.js";

/** What one operation asks of its caller, worked out once from the contract. */
interface PermissionRule {
  callers: Operation["callers"];
  /** The scope for API keys; the domain is null where it is the kind of the channel. */
  scope: { domain: string | null; way: Action } | null;
  /** One of these is needed on each channel; none where no token is asked. */
  anyOf: readonly Right[];
  resolveChannels: (input: unknown) => ResolvedChannel[];
}

function permissionRuleOf(name: OperationName): PermissionRule {
  const { callers, access, isWrite }: Operation = contract[name];
  const way = actionOf({ access, isWrite });
  const scope = (domain: string | null) => (way === null ? null : { domain, way });
  if (!isChannelAccess(access)) {
    return { callers, scope: scope(domainOf(name)), anyOf: [], resolveChannels: () => [] };
  }
  const isOfAnyKind = access.channel.startsWith("{");
  return {
    callers,
    scope: scope(isOfAnyKind ? null : domainOf(name)),
    anyOf: rightsOf(access),
    resolveChannels: channelResolver(access),
  };
}

const permissionRules = Object.fromEntries(
  operationNames.map((name) => [name, permissionRuleOf(name)]),
) as Record<OperationName, PermissionRule>;

/**
 * Whether a caller may call an operation at all, whatever the input.
 * @throws {GrandstandError} `unauthenticated` or `forbidden`
 */
export function checkMayCall(name: OperationName, caller: Caller): void {
  const { callers, scope, anyOf } = permissionRules[name];
  if (caller.kind === "server") {
    if (scope !== null && scope.domain !== null) checkScope(caller, scope.domain, scope.way, "");
    return;
  }
  if (callers === "anyone") return;
  if (caller.kind === "nobody") {
    throw new GrandstandError("unauthenticated", "This needs a token: Authorization: Bearer <token>");
  }
  if (callers === "server" && !(anyOf.includes("moderate") && mayModerate(caller))) throw needsKey();
}

/**
 * Whether a caller may do so on the channels that the input names; what their own rules say comes on top, in the domain.
 * @param input as checked
 * @throws {GrandstandError} `forbidden`
 */
export function checkMayUseChannels(name: OperationName, caller: Caller, input: unknown): void {
  const { callers, scope, anyOf, resolveChannels: touched } = permissionRules[name];
  if (caller.kind === "server") {
    if (caller.scopes === undefined || scope === null || scope.domain !== null) return;
    for (const { path, channel } of touched(input)) {
      checkScope(caller, parseChannel(channel)?.kind ?? "", scope.way, path);
    }
    return;
  }
  if (caller.kind !== "user" || (caller.caps === undefined && callers !== "server")) return;
  for (const { path, channel } of touched(input)) {
    if (!isAllowed(caller, anyOf, channel)) throw notAllowed(path, anyOf, channel);
    // Servers' operations have no other rule that would refuse a user.
    if (callers === "server" && !grantsOf(caller, channel).has("moderate")) throw needsKey();
  }
}

function checkScope(caller: Caller & { kind: "server" }, domain: string, way: Action, path: string): void {
  if (hasScope(caller.scopes, domain, way)) return;
  const message = `needs the scope ${domain}:${way}`;
  throw new GrandstandError("forbidden", `This API key ${message}`, {
    issues: [{ path, rule: "scope", message }],
  });
}

function needsKey(): GrandstandError {
  return new GrandstandError("forbidden", "This needs an API key");
}

function notAllowed(path: string, anyOf: readonly Right[], channel: string): GrandstandError {
  const message = `needs ${anyOf.join(" or ")} on ${channel}, which the token's caps do not allow`;
  return new GrandstandError("forbidden", `This ${message}`, { issues: [{ path, rule: "caps", message }] });
}
