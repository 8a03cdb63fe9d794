import type { InputOf, OperationName, ParsedInputOf } from "@grandstand/shared/contract";
import type { HookName } from "../config/hooks.js";
import type { Capability } from "../core/caller.js";
import type { RefusalCode } from "./answer.js";

/** The operations of each hook. The hook `chat.send` also decides about edits, and `presence.enter` about updates. */
export const hookedOperations = {
  "chat.send": ["chat.send", "chat.edit"],
  "leaderboard.submit": ["leaderboard.submit"],
  "presence.enter": ["presence.enter", "presence.update"],
  "channel.subscribe": ["channel.subscribe"],
} as const satisfies Record<Exclude<HookName, "connect">, readonly OperationName[]>;

export type CallHookName = keyof typeof hookedOperations;
type Hooked<Name extends CallHookName> = (typeof hookedOperations)[Name][number];

/** The user who connects or makes a call. No hook is asked about API keys, because they belong to the app itself. */
export interface HookUser {
  id: string;
  name: string | null;
  avatar: string | null;
  isGuest: boolean;
  role: string | null;
}

export interface ConnectQuestion {
  hook: "connect";
  user: HookUser;
  /** The client's IP address. Behind trusted proxies it is the address that they report. */
  address: string;
}

/** A question about a call. The call's input is valid. The caller's rights on the channels are checked after the answer. */
export type CallQuestion<Name extends CallHookName> = {
  [Operation in Hooked<Name>]: {
    hook: Name;
    operation: Operation;
    user: HookUser;
    /** The validated input, in which absent fields have their defaults. */
    input: ParsedInputOf<Operation>;
    address: string;
  };
}[Hooked<Name>];

export interface HookRefusal {
  /** The message of the error that the caller receives, 1 to 500 characters. */
  refuse: string;
  /** `forbidden` when not given. */
  code?: RefusalCode;
}

interface AddedCaps {
  /** Rights to add to those of the caller, until the connection closes; for a REST call, for this call only. */
  caps?: readonly Capability[];
}

export type ConnectAnswer = HookRefusal | AddedCaps;

export type CallAnswer<Name extends CallHookName> =
  | HookRefusal
  | (AddedCaps & {
      /** The fields of the input to replace. */
      input?: Partial<InputOf<Hooked<Name>>>;
    });

/** `null`, `undefined` or an object without fields allows the call. */
type Answered<T> = T | null | undefined | Promise<T | null | undefined>;

/** The app's hooks that run inside the node. A hook fails if it throws, returns an invalid answer or takes more than 2 s. */
export type Hooks = {
  /** Called before a user's connection is accepted, and before a new token replaces the token of a connection. */
  connect?: (question: ConnectQuestion) => Answered<ConnectAnswer>;
} & {
  [Name in CallHookName]?: (question: CallQuestion<Name>) => Answered<CallAnswer<Name>>;
};
