import { z } from "zod";
import { list } from "./list.js";

/** The hooks: before a node does one of these, it can ask the app. */
export const hookNames = [
  "connect",
  "chat.send",
  "leaderboard.submit",
  "presence.enter",
  "channel.subscribe",
] as const;
export type HookName = (typeof hookNames)[number];

export interface HookSettings {
  /** The URL that a node asks over HTTP; null if all hooks run in the node's process. */
  url: URL | null;
  /** The secrets that sign the requests to `url`. */
  secrets: string[];
  /** The hooks that `url` answers. */
  names: HookName[];
  /** How long the URL may take to answer. */
  timeoutMs: number;
  /** Whether a call is carried out unchanged when a hook fails. */
  isFailOpen: boolean;
}

/** The setting that names the hooks which the URL answers. */
export const hookList = list.pipe(
  z
    .array(z.enum(hookNames, `must be some of ${hookNames.join(", ")}`))
    .min(1, `must be some of ${hookNames.join(", ")}`),
);

/** At most 2 s, because a whole call may take 2.5 s and needs the rest for its own work. */
export const hookTimeoutMs = z.coerce.number().pipe(z.int().min(10).max(2_000));
