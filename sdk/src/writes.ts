import type { Contract, OperationName } from "@grandstand/shared/contract";

type WriteName = { [N in OperationName]: Contract[N]["isWrite"] extends true ? N : never }[OperationName];

/**
 * The operations that change something. The contract knows them too, but only beside its schemas, and zod
 * is no part of a client's bundle. The type makes a write that is missing or too many a compile error.
 */
const writes: Readonly<Record<WriteName, true>> = {
  "session.revoke": true,
  "key.revoke": true,
  "user.revoke": true,
  "user.erase": true,
  "leaderboard.configure": true,
  "leaderboard.delete": true,
  "leaderboard.submit": true,
  "leaderboard.submitMany": true,
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
};

export function isWrite(operation: OperationName): operation is WriteName {
  return Object.hasOwn(writes, operation);
}
