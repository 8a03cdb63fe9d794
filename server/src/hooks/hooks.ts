import type { InputOf, OperationName, ParsedInputOf } from "@grandstand/shared/contract";
import type { HookName } from "../config/hooks.js";
import type { Capability } from "../core/caller.js";
import type { RefusalCode } from "./answer.js";

/** The operations of each hook. The hook for a new message or state is also asked about changes of it. */
export const hookedOperations = {
  "chat.send": ["chat.send", "chat.edit"],
  "leaderboard.submit": ["leaderboard.submit"],
  "presence.enter": ["presence.enter", "presence.update"],
  "channel.subscribe": ["channel.subscribe"],
} as const satisfies Record<Exclude<HookName, "connect">, readonly OperationName[]>;

export type CallHookName = keyof typeof hookedOperations;
type Hooked<Name extends CallHookName> = (typeof hookedOperations)[Name][number];

/** Who connects or makes a call: always a user, because API keys belong to the app itself. */
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
  /** The client's address, according to the trusted proxies. */
  address: string;
}

/** A question about a call that is valid, before its rights are checked and before it takes effect. */
export type CallQuestion<Name extends CallHookName> = {
  [Operation in Hooked<Name>]: {
    hook: Name;
    operation: Operation;
    user: HookUser;
    /** With defaults filled in. */
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
  /** Rights in addition to those of the caller: for the life of its connection, or for this REST call. */
  caps?: readonly Capability[];
}

export type ConnectAnswer = HookRefusal | AddedCaps;

export type CallAnswer<Name extends CallHookName> =
  | HookRefusal
  | (AddedCaps & {
      /** The fields of the input to replace. */
      input?: Partial<InputOf<Hooked<Name>>>;
    });

/** No answer, or one without fields, allows the call. */
type Answered<T> = T | null | undefined | Promise<T | null | undefined>;

/** The app's own decisions, in the process of the node. One that throws, or takes 2 s, has failed. */
export type Hooks = {
  /** Before a connection of a user is admitted, and before its token is replaced. */
  connect?: (question: ConnectQuestion) => Answered<ConnectAnswer>;
} & {
  [Name in CallHookName]?: (question: CallQuestion<Name>) => Answered<CallAnswer<Name>>;
};
