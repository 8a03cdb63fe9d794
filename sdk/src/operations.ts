import type { Contract, OperationName } from "@grandstand/shared/contract";
import { payloadLimits } from "@grandstand/shared/payload-limits";
import type { DomainOf, MethodOf } from "./operation-names.js";

type WriteName = { [N in OperationName]: Contract[N]["isWrite"] extends true ? N : never }[OperationName];

/**
 * The operations that take an idempotency key, because the contract calls them writes. They are a copy from the
 * contract, because importing the contract would put zod into the bundle of a client. The type makes a missing
 * or a surplus operation a compile error.
 */
const writes: {
  readonly [D in DomainOf<WriteName>]: Readonly<Record<MethodOf<WriteName, D>, true>>;
} = {
  session: {
    revoke: true,
  },
  key: {
    revoke: true,
  },
  user: {
    revoke: true,
    setProfile: true,
    invalidateProfile: true,
    erase: true,
    notify: true,
  },
  webhook: {
    create: true,
    update: true,
    delete: true,
  },
  leaderboard: {
    configure: true,
    delete: true,
    submit: true,
    submitMany: true,
    setMetadata: true,
    remove: true,
    hide: true,
    show: true,
    close: true,
    import: true,
  },
  counter: {
    configure: true,
    delete: true,
    add: true,
    set: true,
    reset: true,
    visit: true,
  },
  chat: {
    send: true,
    edit: true,
    delete: true,
    react: true,
    unreact: true,
    read: true,
    configure: true,
    drop: true,
    setMember: true,
    removeMember: true,
    moderate: true,
  },
  presence: {
    keep: true,
    drop: true,
  },
  cache: {
    put: true,
    release: true,
    delete: true,
    invalidate: true,
  },
  lock: {
    acquire: true,
    renew: true,
    release: true,
  },
  job: {
    add: true,
    extend: true,
    complete: true,
    fail: true,
    retry: true,
    remove: true,
  },
};

export function isWrite(operation: OperationName): operation is WriteName {
  return isIn(writes, operation);
}

type LargeName = {
  [N in OperationName]: Contract[N] extends { bodyLimitBytes: number } ? N : never;
}[OperationName];

/** The operations with a larger input limit, copied from the contract for the same reason as `writes`. */
const large: {
  readonly [D in DomainOf<LargeName>]: Readonly<Record<MethodOf<LargeName, D>, true>>;
} = {
  cache: {
    put: true,
  },
  leaderboard: {
    submitMany: true,
    lookup: true,
    import: true,
  },
  counter: {
    getMany: true,
  },
  presence: {
    lookup: true,
  },
};

/** Space for the rest of a frame: the call's id and the operation's name. The limit applies to the whole frame. */
const ENVELOPE_BYTES = 256;

/** The largest input of an operation, in bytes of JSON. */
export function frameLimitOf(operation: OperationName): number {
  return (isIn(large, operation) ? payloadLimits.batchBodyBytes : payloadLimits.bodyBytes) - ENVELOPE_BYTES;
}

function isIn(table: Readonly<Record<string, object>>, operation: string): boolean {
  const [domain, name] = operation.split(".") as [string, string];
  return Object.hasOwn(table, domain) && Object.hasOwn(table[domain]!, name);
}
