import type { BoardWindow } from "@grandstand/shared/operations/leaderboard/windows";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Calendar } from "./calendar.js";

function periodAt(window: BoardWindow, timezone: string, moment: string) {
  const { id, startsAtMs, endsAtMs } = new Calendar(window, timezone).periodAt(Date.parse(moment));
  const iso = (ms: number | null) => ms && new Date(ms).toISOString();
  return [id, iso(startsAtMs), iso(endsAtMs)];
}

describe("LB7: the periods of a window", () => {
  it("are days, weeks that begin on Monday, and months, in the board's timezone", () => {
    expect(periodAt("daily", "Asia/Tokyo", "2026-11-24T15:00:00Z")).toEqual([
      "2026-11-25",
      "2026-11-24T15:00:00.000Z",
      "2026-11-25T15:00:00.000Z",
    ]);
    expect(periodAt("weekly", "UTC", "2026-11-29T23:59:59.999Z")).toEqual([
      "2026-W48",
      "2026-11-23T00:00:00.000Z",
      "2026-11-30T00:00:00.000Z",
    ]);
    expect(periodAt("monthly", "America/New_York", "2026-11-01T03:59:59Z")).toEqual([
      "2026-10",
      "2026-10-01T04:00:00.000Z",
      "2026-11-01T04:00:00.000Z",
    ]);
    expect(periodAt("all", "UTC", "2026-11-24T12:00:00Z")[0]).toBe("all");
  });

  it("are named, for a weekly window, with the ISO year of the week's Thursday", () => {
    expect(periodAt("weekly", "UTC", "2027-01-01T12:00:00Z")[0]).toBe("2026-W53");
    expect(periodAt("weekly", "UTC", "2024-12-31T12:00:00Z")[0]).toBe("2025-W01");
  });

  it("have 23 or 25 hours on days on which daylight saving time begins or ends", () => {
    const hours = (moment: string, timezone = "Europe/Berlin") => {
      const { startsAtMs, endsAtMs } = new Calendar("daily", timezone).periodAt(Date.parse(moment));
      return (endsAtMs! - startsAtMs) / 3_600_000;
    };
    expect(hours("2026-03-29T12:00:00Z")).toBe(23);
    expect(hours("2026-10-25T12:00:00Z")).toBe(25);
    // In Cairo, 24 April 2026 has no midnight: the day begins at one o'clock.
    expect(hours("2026-04-24T12:00:00Z", "Africa/Cairo")).toBe(23);
    expect(periodAt("daily", "Africa/Cairo", "2026-04-24T12:00:00Z")[0]).toBe("2026-04-24");
  });

  it("last from one time that matches a cron expression to the next", () => {
    const cup = { name: "cup", cron: "0 20 * * 5" };
    expect(periodAt(cup, "Europe/Berlin", "2026-11-24T12:00:00Z")).toEqual([
      "2026-11-20T19:00:00Z",
      "2026-11-20T19:00:00.000Z",
      "2026-11-27T19:00:00.000Z",
    ]);
  });

  it("have no gap and no overlap, for six windows in five timezones at random times", () => {
    const windows: BoardWindow[] = [
      "daily",
      "weekly",
      "monthly",
      { name: "night", cron: "30 2 * * *" },
      { name: "half", cron: "*/30 * * * *" },
      { name: "rounds", cron: "*/7 * * * * *" },
    ];
    const timezones = ["UTC", "Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "America/Sao_Paulo"];
    fc.assert(
      fc.property(
        fc.constantFrom(...windows),
        fc.constantFrom(...timezones),
        fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) }),
        (window, timezone, moment) => {
          const calendar = new Calendar(window, timezone);
          const period = calendar.periodAt(moment);
          expect(period.startsAtMs).toBeLessThanOrEqual(moment);
          expect(period.endsAtMs!).toBeGreaterThan(moment);
          const next = calendar.periodAt(period.endsAtMs!);
          expect(next.startsAtMs).toBe(period.endsAtMs);
          expect(next.id).not.toBe(period.id);
          expect(calendar.periodAt(next.startsAtMs - 1)).toEqual(period);
          expect(new Calendar(window, timezone).periodAt(period.startsAtMs)).toEqual(period);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it("a calendar refuses an invalid cron expression, and a cron expression that matches no time", () => {
  for (const cron of ["61 * * * *", "a b c d e", "0 0 30 2 *"]) {
    expect(() => new Calendar({ name: "cup", cron }, "UTC")).toThrow();
  }
});
