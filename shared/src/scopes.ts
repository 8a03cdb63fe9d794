import { isChannelAccess } from "./access.js";
import type { Operation } from "./operation.js";

/** The action of a scope: `<domain>:read` or `<domain>:write`. */
export type Action = "read" | "write";

/** The action of an operation; null when it needs no scope. */
export function actionOf({ access, isWrite }: Pick<Operation, "access" | "isWrite">): Action | null {
  if (!isChannelAccess(access)) return access;
  const reads = access.right === "subscribe" || (access.right === "administer" && !isWrite);
  return reads ? "read" : "write";
}

/** The domain of an operation, with which its scopes begin. */
export function domainOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}
