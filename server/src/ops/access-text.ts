import { isChannelAccess, rightsOf } from "@grandstand/shared/access";
import type { Operation } from "@grandstand/shared/operation";
import { actionOf, scopeDomainOf } from "@grandstand/shared/scopes";

/** Describes the credentials that an operation requires; null when it requires none. */
export function accessText(name: string, operation: Operation): string | null {
  const { access, callers } = operation;
  const action = actionOf(operation);
  if (action === null) return null;
  const scope = `\`${scopeDomainOf(name, access) ?? "<kind>"}:${action}\``;
  const right = isChannelAccess(access) ? rightText(access.channel, rightsOf(access)) : null;
  if (callers !== "server") {
    const forKeys = `An API key with scopes needs ${scope}.`;
    return right === null ? forKeys : `A user whose token has caps needs ${right}. ${forKeys}`;
  }
  const users = isForModerators(operation) ? `, and for users whose token allows ${right}` : "";
  return `For API keys${users}. An API key with scopes needs ${scope}.`;
}

/** Whether the operation is for servers, and also for users whose tokens allow `moderate`. */
export function isForModerators({ callers, access }: Operation): boolean {
  return callers === "server" && isChannelAccess(access) && rightsOf(access).includes("moderate");
}

function rightText(channel: string, anyOf: readonly string[]): string {
  return `${anyOf.map((right) => `\`${right}\``).join(" or ")} on \`${channel}\``;
}
