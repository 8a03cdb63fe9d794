import { isChannelAccess } from "./access.js";
import type { Operation } from "./operation.js";

/** What the scopes `<domain>:read` and `<domain>:write` tell apart. */
export type Action = "read" | "write";

/** Whether an operation reads or writes; null where it needs no scope. */
export function actionOf({ access, isWrite }: Pick<Operation, "access" | "isWrite">): Action | null {
  if (!isChannelAccess(access)) return access;
  const reads = access.right === "subscribe" || (access.right === "administer" && !isWrite);
  return reads ? "read" : "write";
}

/** The part of an operation's name that its scopes begin with. */
export function domainOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}
