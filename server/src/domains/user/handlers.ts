import { randomUUID } from "node:crypto";
import { limits } from "@grandstand/shared/limits";
import type { Identity } from "../../auth/identity.js";
import type { DomainHandlers } from "../../core/handler.js";
import { toIsoTime } from "../../core/iso-time.js";
import { idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { type UserGround, writeRecord } from "./records.js";
import { notifyScript } from "./scripts.js";

export function userHandlers(
  ground: UserGround,
  { sessions, revocations }: Pick<Identity, "sessions" | "revocations">,
): DomainHandlers<"user"> {
  return {
    "user.notify": async ({ user, name, data = null }, { idempotency }) => {
      const { scope, argv } = idempotencyArguments(idempotency);
      const [status, id, sentAt] = await writeRecord(
        ground,
        notifyScript,
        user,
        ({ notices, answer }) => [notices, answer(scope)],
        [
          ...argv,
          randomUUID(),
          name,
          data === null ? "" : JSON.stringify(data),
          limits.userNotices,
          limits.userNoticeTtlMs,
        ],
      );
      refuseReusedKey(status!);
      return { notice: { id: id!, name, data, sentAt: toIsoTime(sentAt) } };
    },

    "user.revoke": async ({ user }, { idempotency }) => {
      const at = await revocations.revoke("user", user, idempotency);
      // The revocation already refuses these sessions. They are deleted to free their memory.
      await sessions.endAllOf(user, at);
      return { user, revokedAt: toIsoTime(at) };
    },
  };
}
