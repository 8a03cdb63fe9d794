import { type Access, isChannelAccess } from "./access.js";
import type { Operation } from "./operation.js";

/** The second part of a scope: `<domain>:read` or `<domain>:write`. */
export type Action = "read" | "write";

/** The action in the scope that an operation needs; null when the operation needs no scope. */
export function actionOf({ access, isWrite }: Pick<Operation, "access" | "isWrite">): Action | null {
  if (!isChannelAccess(access)) return access;
  const reads = access.right === "subscribe" || (access.right === "administer" && !isWrite);
  return reads ? "read" : "write";
}

/** The domain of an operation: the first part of its name and of its scopes. */
export function domainOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}

/**
 * The domain of the scope that an operation needs. Null if the operation takes a channel of any kind: the domain is then
 * the kind of the channel in the input.
 */
export function scopeDomainOf(name: string, access: Access): string | null {
  const isOfAnyKind = isChannelAccess(access) && access.channel.startsWith("{");
  return isOfAnyKind ? null : domainOf(name);
}
