import type { Right } from "@grandstand/shared/access";
import type { Call } from "../../src/core/call.js";
import type { Caller, Capability } from "../../src/core/caller.js";
import { idempotencyOf } from "../../src/redis/idempotency.js";

/** A call by a user with this id and a name. */
export function userCall(id: string, name: string | null = id): Call {
  const user = { id, name, avatar: null, isGuest: false };
  return { caller: { kind: "user", user }, connection: null, idempotency: null, afterReply: () => {} };
}

/** `call` with an idempotency key. */
export function under(key: string, call: Call, input: unknown): Call {
  return { ...call, idempotency: idempotencyOf(JSON.stringify(call.caller), "test", key, input) };
}

/** A call by a user whose token has caps or a role. */
export function tokenCall(id: string, rights: { caps?: Capability[]; role?: string }): Call {
  const { caller, ...call } = userCall(id);
  return { ...call, caller: { ...caller, ...rights } as Caller };
}

/** An entry of a token's `caps`. */
export function cap(channels: string | string[], ...allow: Right[]): Capability {
  return { channels: [channels].flat(), allow };
}
