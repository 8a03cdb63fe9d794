import { z } from "zod";
import { list } from "./list.js";

/** What an app can be asked before. */
export const hookNames = [
  "connect",
  "chat.send",
  "leaderboard.submit",
  "presence.enter",
  "channel.subscribe",
] as const;
export type HookName = (typeof hookNames)[number];

export interface HookSettings {
  /** Where to ask; null for hooks in process only. */
  url: URL | null;
  /** They sign the questions. */
  secrets: string[];
  /** Which hooks the URL answers. */
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

/** A call has 2.5 s, and needs some of them for itself. */
export const hookTimeoutMs = z.coerce.number().pipe(z.int().min(10).max(2_000));
