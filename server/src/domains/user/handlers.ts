import { randomUUID } from "node:crypto";
import { limits } from "@grandstand/shared/limits";
import type { Identity } from "../../auth/identity.js";
import type { DomainHandlers } from "../../core/handler.js";
import { toIsoTime } from "../../core/iso-time.js";
import { idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { namedReply } from "../../redis/scripts.js";
import { type RecordDependencies, writeRecord } from "./records.js";
import { notifyScript } from "./scripts.js";

export function userHandlers(
  dependencies: RecordDependencies,
  { sessions, revocations }: Pick<Identity, "sessions" | "revocations">,
): DomainHandlers<"user"> {
  return {
    "user.notify": async ({ user, name, data = null }, { idempotency }) => {
      const { scope, args: ofKey } = idempotencyArguments(idempotency);
      const args = {
        ...ofKey,
        id: randomUUID(),
        name,
        data: data === null ? "" : JSON.stringify(data),
        noticeLimit: limits.userNotices,
        noticeTtlMs: limits.userNoticeTtlMs,
      };
      const [status, ...values] = await writeRecord(dependencies, notifyScript, user, args, scope);
      refuseReusedKey(status!);
      const { id, sentAtMs } = namedReply(notifyScript, status!, values);
      return { notice: { id, name, data, sentAt: toIsoTime(sentAtMs) } };
    },

    "user.revoke": async ({ user }, { idempotency }) => {
      const at = await revocations.revoke("user", user, idempotency);
      // The revocation already refuses these sessions. Deleting them frees their memory.
      await sessions.endAllOf(user, at);
      return { user, revokedAt: toIsoTime(at) };
    },
  };
}
