import type { User } from "@grandstand/shared/user";

/** Who makes a call. Only `session.create` can be called by nobody. */
export type Caller =
  | { kind: "nobody" }
  /** An app's own server, with an API key. */
  | { kind: "server"; keyName: string }
  | { kind: "user"; user: User };

/** Names a caller in scopes and logs; no two callers share it. */
export function callerId(caller: Caller): string {
  if (caller.kind === "user") return `user:${caller.user.id}`;
  return caller.kind === "server" ? `server:${caller.keyName}` : "nobody";
}
