import { z } from "zod";

/** The windows whose calendar is built in: `all` never ends, a week begins on Monday. */
export const calendarWindows = ["all", "daily", "weekly", "monthly"] as const;

export const windowName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, "must be 1 to 32 characters of a-z 0-9 - and begin with a letter")
  .meta({ id: "WindowName", description: "The name of a window." });

/** A window of the app's own: a season begins whenever the expression fires. */
const cronWindow = z.strictObject({
  name: windowName
    .refine(
      (name) => !(calendarWindows as readonly string[]).includes(name),
      `must not be one of ${calendarWindows.join(", ")}`,
    )
    .describe("The name of the window. It is none of the built-in names."),
  cron: z
    .string()
    .max(128)
    .regex(/^\S+( \S+){4,5}$/, "must be a cron expression of five or six fields")
    .describe(
      "When a season begins: five fields, or six that begin with seconds, in the timezone of the board.",
    ),
});

export const boardWindow = z
  .union([z.enum(calendarWindows), cronWindow])
  .meta({ id: "BoardWindow", description: "A built-in window, or one of the app with a cron expression." });

export const boardWindows = z
  .array(boardWindow)
  .min(1)
  .max(8)
  .refine(
    (windows) => new Set(windows.map(nameOfWindow)).size === windows.length,
    "must name each window once",
  )
  .meta({ uniqueItems: true });

export const timezone = z
  .string()
  .max(64)
  .refine(isTimezone, "must be a timezone of the IANA database, as Europe/Berlin");

/**
 * The id of a season: its period (`2026-11-24`, `2026-W48`, `2026-11`, the UTC start of a cron window's, `all`), and
 * behind a dot the number of a later season within the same period, which closing one early begins.
 */
export const seasonId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9:.-]{0,63}$/, "must be the id of a season, as 2026-W48")
  .meta({ id: "SeasonId", description: "The id of a season, such as `2026-W48`." });

/** Which entries a read is about. The board's first window and its open season when not given. */
export const seasonChoice = {
  window: windowName.optional().describe("The window. The first window of the board when not given."),
  season: seasonId.optional().describe("The season. The open season when not given."),
};

export type BoardWindow = z.infer<typeof boardWindow>;
export type SeasonChoice = { window?: string | undefined; season?: string | undefined };

export function nameOfWindow(window: BoardWindow): string {
  return typeof window === "string" ? window : window.name;
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
