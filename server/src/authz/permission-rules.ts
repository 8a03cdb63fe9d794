import { isChannelAccess, type Right, rightsOf } from "@grandstand/shared/access";
import { parseChannel } from "@grandstand/shared/channels";
import { contract, type OperationName, operationNames } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Operation } from "@grandstand/shared/operation";
import { type Action, actionOf, scopeDomainOf } from "@grandstand/shared/scopes";
import type { Caller } from "../core/caller.js";
import { channelResolver, type ResolvedChannel } from "./channel-resolver.js";
import { grantsOf, hasScope, isAllowed, mayModerate } from "./grants.js";

/** What one operation requires of its caller, derived from the contract once. */
interface PermissionRule {
  callers: Operation["callers"];
  /**
   * The scope that an API key needs; null for none. `domain` is null for an operation on channels of any kind: the key then
   * needs a scope for the kind of each channel.
   */
  scope: { domain: string | null; action: Action } | null;
  /**
   * A user needs one of these rights on each channel. Empty if the input names no channel, or if only an API key may
   * call the operation, whatever the user's rights.
   */
  anyOf: readonly Right[];
  resolveChannels: (input: unknown) => ResolvedChannel[];
}

function permissionRuleOf(name: OperationName): PermissionRule {
  const { callers, access, isWrite }: Operation = contract[name];
  const action = actionOf({ access, isWrite });
  const scope = action === null ? null : { domain: scopeDomainOf(name, access), action };
  if (!isChannelAccess(access)) return { callers, scope, anyOf: [], resolveChannels: () => [] };
  return { callers, scope, anyOf: rightsOf(access), resolveChannels: channelResolver(access) };
}

const permissionRules = Object.fromEntries(
  operationNames.map((name) => [name, permissionRuleOf(name)]),
) as Record<OperationName, PermissionRule>;

/**
 * Checks whether a caller may call an operation at all, whatever the input.
 * @throws {GrandstandError} `unauthenticated` or `forbidden`
 */
export function checkMayCall(name: OperationName, caller: Caller): void {
  const { callers, scope, anyOf } = permissionRules[name];
  if (caller.kind === "server") {
    if (scope !== null && scope.domain !== null) checkScope(caller, scope.domain, scope.action, "");
    return;
  }
  if (callers === "anyone") return;
  if (caller.kind === "nobody") {
    throw new GrandstandError("unauthenticated", "This needs a token: Authorization: Bearer <token>");
  }
  if (callers === "server" && !(anyOf.includes("moderate") && mayModerate(caller))) throw needsKey();
}

/**
 * Checks whether a caller may call an operation on the channels that the input names. The handler may still refuse.
 * @param input the validated input
 * @throws {GrandstandError} `forbidden`
 */
export function checkMayUseChannels(name: OperationName, caller: Caller, input: unknown): void {
  const { callers, scope, anyOf, resolveChannels } = permissionRules[name];
  if (caller.kind === "server") {
    if (caller.scopes === undefined || scope === null || scope.domain !== null) return;
    for (const { path, channel } of resolveChannels(input)) {
      checkScope(caller, parseChannel(channel)?.kind ?? "", scope.action, path);
    }
    return;
  }
  if (caller.kind !== "user" || (caller.caps === undefined && callers !== "server")) return;
  for (const { path, channel } of resolveChannels(input)) {
    if (!isAllowed(caller, anyOf, channel)) throw notAllowed(path, anyOf, channel);
    // The handlers of operations for servers do not check users, so this is the only check.
    if (callers === "server" && !grantsOf(caller, channel).has("moderate")) throw needsKey();
  }
}

function checkScope(caller: Caller & { kind: "server" }, domain: string, action: Action, path: string): void {
  if (hasScope(caller.scopes, domain, action)) return;
  const message = `needs the scope ${domain}:${action}`;
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
