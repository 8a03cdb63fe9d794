import type { Call } from "../calls/call.js";
import { idempotencyOf } from "../redis/idempotency.js";

/** A call by a user with this id and a name. */
export function userCall(id: string, name: string | null = id): Call {
  const user = { id, name, avatar: null, isGuest: false };
  return { caller: { kind: "user", user }, connection: null, idempotency: null, afterReply: () => {} };
}

/** The same call under an idempotency key. */
export function under(key: string, call: Call, input: unknown): Call {
  return { ...call, idempotency: idempotencyOf(JSON.stringify(call.caller), "test", key, input) };
}
