import type { z } from "zod";
import { adminOperations } from "./operations/admin.js";
import { authOperations } from "./operations/auth.js";
import { cacheOperations } from "./operations/cache.js";
import { channelOperations } from "./operations/channel.js";
import { chatOperations } from "./operations/chat.js";
import { counterOperations } from "./operations/counter.js";
import { jobOperations } from "./operations/job.js";
import { keyOperations } from "./operations/key.js";
import { leaderboardOperations } from "./operations/leaderboard.js";
import { limitOperations } from "./operations/limit.js";
import { lockOperations } from "./operations/lock.js";
import { presenceOperations } from "./operations/presence.js";
import { sessionOperations } from "./operations/session.js";
import { userOperations } from "./operations/user.js";
import { webhookOperations } from "./operations/webhook.js";

/** Every operation by name: the whole public surface. */
export const contract = {
  ...sessionOperations,
  ...authOperations,
  ...keyOperations,
  ...userOperations,
  ...webhookOperations,
  ...channelOperations,
  ...leaderboardOperations,
  ...counterOperations,
  ...chatOperations,
  ...presenceOperations,
  ...cacheOperations,
  ...lockOperations,
  ...limitOperations,
  ...jobOperations,
  ...adminOperations,
};

export type Contract = typeof contract;
export type OperationName = keyof Contract;

/** The input that a caller sends: fields with defaults are optional. */
export type InputOf<N extends OperationName> = z.input<Contract[N]["input"]> &
  (Contract[N]["isWrite"] extends true ? { idempotencyKey?: string | undefined } : unknown);
/** The input that a handler receives: validated, with defaults filled in. */
export type ParsedInputOf<N extends OperationName> = z.output<Contract[N]["input"]>;
export type OutputOf<N extends OperationName> = z.output<Contract[N]["output"]>;

export const operationNames = Object.keys(contract) as OperationName[];

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(contract, name);
}

/** The operations that have a REST route. */
export type RestOperationName = {
  [N in OperationName]: Contract[N]["rest"] extends null ? never : N;
}[OperationName];
