import type { Contract, OperationName } from "@grandstand/shared/contract";
import { payloadLimits } from "@grandstand/shared/payload-limits";

type WriteName = { [N in OperationName]: Contract[N]["isWrite"] extends true ? N : never }[OperationName];

/**
 * The operations that change something. The contract states them too, but next to its zod schemas, which must stay
 * out of a client's bundle. The type turns a missing or a surplus operation into a compile error.
 */
const writes: Readonly<Record<WriteName, true>> = {
  "session.revoke": true,
  "key.revoke": true,
  "user.revoke": true,
  "webhook.create": true,
  "webhook.update": true,
  "webhook.delete": true,
  "user.erase": true,
  "leaderboard.configure": true,
  "leaderboard.delete": true,
  "leaderboard.submit": true,
  "leaderboard.submitMany": true,
  "leaderboard.setMetadata": true,
  "leaderboard.remove": true,
  "leaderboard.hide": true,
  "leaderboard.show": true,
  "leaderboard.close": true,
  "leaderboard.import": true,
  "counter.configure": true,
  "counter.delete": true,
  "counter.add": true,
  "counter.set": true,
  "counter.reset": true,
  "counter.visit": true,
  "chat.send": true,
  "chat.edit": true,
  "chat.delete": true,
  "chat.react": true,
  "chat.unreact": true,
  "chat.read": true,
  "chat.configure": true,
  "chat.drop": true,
  "chat.setMember": true,
  "chat.removeMember": true,
  "chat.moderate": true,
  "presence.keep": true,
  "presence.drop": true,
  "user.notify": true,
  "cache.put": true,
  "cache.release": true,
  "cache.delete": true,
  "cache.invalidate": true,
  "lock.acquire": true,
  "lock.renew": true,
  "lock.release": true,
};

export function isWrite(operation: OperationName): operation is WriteName {
  return Object.hasOwn(writes, operation);
}

type LargeName = {
  [N in OperationName]: Contract[N] extends { bodyLimitBytes: number } ? N : never;
}[OperationName];

/** The operations that take large inputs, under the same rule. */
const large: Readonly<Record<LargeName, true>> = {
  "cache.put": true,
  "leaderboard.submitMany": true,
  "leaderboard.lookup": true,
  "leaderboard.import": true,
  "counter.getMany": true,
  "presence.lookup": true,
};

/** Room for the id and the name of the operation, which count as part of a frame. */
const ENVELOPE_BYTES = 256;

/** The largest input of an operation, in bytes of JSON. */
export function frameLimitOf(operation: OperationName): number {
  return (
    (Object.hasOwn(large, operation) ? payloadLimits.batchBodyBytes : payloadLimits.bodyBytes) -
    ENVELOPE_BYTES
  );
}
