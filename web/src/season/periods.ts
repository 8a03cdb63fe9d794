/** The windows of the demo's board, with the texts that the page shows for them. */
export const periods = [
  { window: "daily", name: "Today", scoredIn: "today", won: "the day" },
  { window: "weekly", name: "This week", scoredIn: "this week", won: "the week" },
  { window: "all", name: "All time", scoredIn: "", won: "the season" },
] as const;

export type Period = (typeof periods)[number];
export type PeriodWindow = Period["window"];

export function periodOf(window: string): Period | undefined {
  return periods.find((period) => period.window === window);
}
