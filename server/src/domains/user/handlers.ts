import { randomUUID } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { Identity } from "../../auth/identity.js";
import type { DomainHandlers } from "../../core/handler.js";
import { toIsoTime } from "../../core/iso-time.js";
import { idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { namedReply } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { UserDataDomain } from "../shared/erasure.js";
import type { Erasures } from "./erasures.js";
import { type RecordDependencies, writeRecord } from "./records.js";
import { notifyScript } from "./scripts.js";
import { exportUser } from "./user-export.js";

type UserDependencies = RecordDependencies & Pick<DomainDependencies, "profiles">;

export function userHandlers(
  dependencies: UserDependencies,
  { sessions, revocations }: Pick<Identity, "sessions" | "revocations">,
  erasures: Erasures,
  domains: Record<string, UserDataDomain>,
): DomainHandlers<"user"> {
  const { profiles } = dependencies;

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

    "user.profiles": async ({ users }) => {
      await profiles.load(users);
      return { profiles: users.map((user) => ({ user, profile: profiles.of(user) })) };
    },

    "user.setProfile": async ({ user, name, avatar = null }, { idempotency }) => {
      if (profiles.isFetched) throw isFetched();
      const profile = name === null ? null : { name, avatar };
      await profiles.set(user, profile, idempotency);
      return { user, profile };
    },

    "user.invalidateProfile": async ({ user }, { idempotency }) => {
      await profiles.invalidate(user, idempotency);
      return { user, profile: profiles.of(user) };
    },

    "user.erase": async ({ user }, { idempotency }) => {
      // Revoked first, so that the user's credentials can't write anything more.
      await revocations.revoke("user", user, idempotency);
      return erasures.erase(user, idempotency);
    },

    "user.export": ({ user, cursor }) => exportUser(domains, user, cursor),
  };
}

function isFetched(): GrandstandError {
  return new GrandstandError(
    "conflict",
    "Profiles come from GRANDSTAND_PROFILE_URL: change the profile there, and invalidate it here",
  );
}
