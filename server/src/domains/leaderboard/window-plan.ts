import { hash } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { type BoardWindow, nameOfWindow } from "@grandstand/shared/operations/leaderboard/windows";
import { LRUCache } from "lru-cache";
import { Calendar, type Period } from "./calendar.js";

/** The windows of a board and their calendars. Boards with the same windows and timezone share one plan. */
export interface WindowPlan {
  /** ENTRY_LAYOUT, and a digest of windows and timezone. */
  id: string;
  windows: readonly BoardWindow[];
  timezone: string;
  calendars: ReadonlyMap<string, Calendar>;
}

/** The version of the entry codec (entry-codec.lua). A node refuses boards whose entries have another layout. */
const ENTRY_LAYOUT = 3;

/** The windows as the JSON that Redis stores. */
export function windowsText(windows: readonly BoardWindow[]): string {
  return JSON.stringify(windows);
}

const plans = new LRUCache<string, WindowPlan>({ max: 1_000 });

/** @throws {GrandstandError} `bad_request` when a window's cron expression is invalid */
export function planOf(windows: readonly BoardWindow[], timezone: string): WindowPlan {
  const text = `${timezone}\n${windowsText(windows)}`;
  const known = plans.get(text);
  if (known) return known;
  const calendars = new Map(
    windows.map((window, at) => [nameOfWindow(window), calendarOf(window, timezone, at)] as const),
  );
  const digest = hash("sha256", text, "base64url").slice(0, 16);
  const plan = { id: `${ENTRY_LAYOUT}:${digest}`, windows, timezone, calendars };
  plans.set(text, plan);
  return plan;
}

/** The plan of a board that was created without windows and timezone. */
export const defaultPlan = planOf(["all"], "UTC");

/** The window that a call without `window` reads. */
export function firstWindow({ windows }: WindowPlan): string {
  return nameOfWindow(windows[0]!);
}

/** @param window a window of the plan */
export function periodOf(plan: WindowPlan, window: string, nowMs: number): Period {
  return plan.calendars.get(window)!.periodAt(nowMs);
}

function calendarOf(window: BoardWindow, timezone: string, at: number): Calendar {
  try {
    return new Calendar(window, timezone);
  } catch (cause) {
    const message = "must be a cron expression that fires again and again";
    throw new GrandstandError("bad_request", `windows.${at}.cron ${message}`, {
      issues: [{ path: `windows.${at}.cron`, rule: "cron", message }],
      cause,
    });
  }
}
