import { isChannelAccess, rightsOf } from "@grandstand/shared/access";
import type { Operation } from "@grandstand/shared/operation";
import { actionOf, domainOf } from "@grandstand/shared/scopes";

/** Describes the credentials that an operation requires; null when it requires none. */
export function accessText(name: string, operation: Operation): string | null {
  const { access, callers } = operation;
  const way = actionOf(operation);
  if (way === null) return null;
  const domain = isChannelAccess(access) && access.channel.startsWith("{") ? "<kind>" : domainOf(name);
  const scope = `those with scopes need \`${domain}:${way}\``;
  const right = isChannelAccess(access) ? rightText(access.channel, rightsOf(access)) : null;
  if (callers !== "server") {
    const ofKeys = `Of API keys, ${scope}.`;
    return right === null ? ofKeys : `Users whose token has caps need ${right}. ${ofKeys}`;
  }
  const isForModerators = isChannelAccess(access) && rightsOf(access).includes("moderate");
  return `For API keys, of which ${scope}${isForModerators ? `; and for users who may ${right}` : ""}.`;
}

function rightText(channel: string, anyOf: readonly string[]): string {
  return `${anyOf.map((right) => `\`${right}\``).join(" or ")} on \`${channel}\``;
}
