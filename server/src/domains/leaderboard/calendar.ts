import type { BoardWindow } from "@grandstand/shared/operations/leaderboard/windows";
import { Cron } from "croner";

/**
 * One period of a window, such as one week. Times are in milliseconds since 1970. A season (a board's ranking in a period) may
 * be closed before the period ends.
 */
export interface Period {
  id: string;
  startsAtMs: number;
  /** Null for a period without end. */
  endsAtMs: number | null;
}

const endless: Period = { id: "all", startsAtMs: 0, endsAtMs: null };

const expressions = { daily: "0 0 * * *", weekly: "0 0 * * 1", monthly: "0 0 1 * *" };

/**
 * The periods of a window. Each period begins at a time that matches the window's cron expression in the timezone, and ends
 * at the next such time. So there is no gap and no overlap, even if daylight saving time makes a period shorter or longer.
 */
export class Calendar {
  readonly #idOf: (startsAtMs: number) => string;
  readonly #cron: Cron | null;
  /** Caches the last period, because computing a period takes at least a hundred microseconds. */
  #last: Period = endless;

  /** @throws {Error} when the expression is invalid, or matches no time in the future */
  constructor(window: BoardWindow, timezone: string) {
    if (window === "all") {
      this.#cron = null;
      this.#idOf = () => endless.id;
      return;
    }
    const expression = typeof window === "string" ? expressions[window] : window.cron;
    this.#cron = cronOf(expression, timezone);
    const localDate = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
    this.#idOf = {
      daily: (at: number) => localDate.format(at),
      weekly: (at: number) => isoWeekOf(localDate.format(at)),
      monthly: (at: number) => localDate.format(at).slice(0, "YYYY-MM".length),
      cron: (at: number) => new Date(at).toISOString().replace(".000Z", "Z"),
    }[typeof window === "string" ? window : "cron"];
  }

  /**
   * The period that contains a time; its end is the first moment of the next period.
   * @throws {RangeError} when the expression matches no time before `nowMs`, or none after it
   */
  periodAt(nowMs: number): Period {
    if (this.#cron === null) return endless;
    const { startsAtMs, endsAtMs } = this.#last;
    if (endsAtMs === null || nowMs < startsAtMs || nowMs >= endsAtMs)
      this.#last = this.#read(this.#cron, nowMs);
    return this.#last;
  }

  #read(cron: Cron, nowMs: number): Period {
    // `nowMs` itself may be the start of a period, but croner finds only times before the given time.
    const [start] = cron.previousRuns(1, new Date(nowMs + 1));
    const end = cron.nextRun(new Date(nowMs));
    if (!start || !end) throw new RangeError("the expression does not fire again");
    return { id: this.#idOf(start.getTime()), startsAtMs: start.getTime(), endsAtMs: end.getTime() };
  }
}

function cronOf(expression: string, timezone: string): Cron {
  const cron = new Cron(expression, { timezone, paused: true });
  if (cron.nextRun() === null) throw new RangeError("never fires");
  return cron;
}

/** The ISO 8601 week of a date: `2026-W48` for `2026-11-24`. A week belongs to the year of its Thursday. */
function isoWeekOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  const thursday = new Date(day);
  thursday.setUTCDate(day.getUTCDate() + 3 - ((day.getUTCDay() + 6) % 7));
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000)) + 1;
  return `${year}-W${String(week).padStart(2, "0")}`;
}
