import { z } from "zod";

/** The built-in windows. The season of `all` has no end; a week begins on Monday. */
export const calendarWindows = ["all", "daily", "weekly", "monthly"] as const;

export const windowName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, "must be 1 to 32 characters of a-z 0-9 - and begin with a letter")
  .meta({ id: "WindowName", description: "The name of a window." });

/** A window that the app defines: a season begins at each time that matches the expression. */
const cronWindow = z.strictObject({
  name: windowName
    .refine(
      (name) => !(calendarWindows as readonly string[]).includes(name),
      `must not be one of ${calendarWindows.join(", ")}`,
    )
    .describe("The name of the window. Built-in names are not allowed."),
  cron: z
    .string()
    .max(128)
    .regex(/^\S+( \S+){4,5}$/, "must be a cron expression of five or six fields")
    .describe(
      "When a season begins, in the timezone of the board: a cron expression of five fields, or six with seconds first.",
    ),
});

export const boardWindow = z.union([z.enum(calendarWindows), cronWindow]).meta({
  id: "BoardWindow",
  description: "A built-in window, or a window that the app defines with a cron expression.",
});

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
  .refine(isTimezone, "must be a timezone of the IANA database, such as Europe/Berlin");

/**
 * The id of a season: its period (`2026-11-24`, `2026-W48`, `2026-11`, `all`, or the UTC start for a cron window). After
 * an early close, the next season of the same period has a number after a dot, such as `2026-W48.2`.
 */
export const seasonId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9:.-]{0,63}$/, "must be the id of a season, such as 2026-W48")
  .meta({ id: "SeasonId", description: "The id of a season, such as `2026-W48`." });

/** The name of a metadata field that a board ranks by. */
export const fieldName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,31}$/,
    "must be 1 to 32 characters of A-Z a-z 0-9 _ and begin with a letter or _",
  )
  .meta({ id: "FieldName", description: "The name of a field of the entries' metadata." });

export const where = z
  .record(fieldName, z.union([z.string().max(256), z.number(), z.boolean()]), {
    error: ({ code }) => (code === "invalid_type" ? "must be a JSON object" : undefined),
  })
  .refine((fields) => Object.keys(fields).length === 1, "must name one field")
  .meta({
    id: "Where",
    minProperties: 1,
    maxProperties: 1,
    description:
      "One of the board's `fields` and a value. Only the entries whose metadata has this value are read, with the ranks that they have among each other.",
  });

/** Selects the entries to read: by default those of the open season of the board's first window. */
export const seasonChoice = {
  window: windowName.optional().describe("The window. The first window of the board when not given."),
  season: seasonId.optional().describe("The season. The open season when not given."),
  where: where.optional(),
};

export type BoardWindow = z.infer<typeof boardWindow>;
export type Where = z.infer<typeof where>;
export type SeasonChoice = {
  window?: string | undefined;
  season?: string | undefined;
  where?: Where | undefined;
};

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
