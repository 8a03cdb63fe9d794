import type { Entry } from "@grandstand/sdk";
import { useLeaderboard } from "@grandstand/sdk/react";
import { useState } from "react";
import type { Period, PeriodWindow } from "../season/periods.js";
import { usePeriods } from "../season/usePeriods.js";
import { arcadeBoard } from "./arcade.js";

export interface Arcade extends Omit<ReturnType<typeof useLeaderboard>, "me"> {
  /** The player's own entry, at any rank. */
  own: Entry | null;
  /** Whether the own entry is among the entries shown. */
  isOwnShown: boolean;
  /** The periods that the board ranks by, and the period that is shown. */
  periods: readonly Period[];
  period: PeriodWindow;
  choose: (period: PeriodWindow) => void;
}

/** The demo's live board for one period: the ten best entries and the player's own entry. */
export function useArcade(userId: string): Arcade {
  const periods = usePeriods();
  const [period, choose] = useState<PeriodWindow>("all");
  const { me, ...board } = useLeaderboard(arcadeBoard, { window: period, top: 10, me: true });
  // The rows update up to ten times a second and `me` less often, so prefer the own entry among the rows.
  const shown = board.entries.find((entry) => entry.member === userId);
  return { ...board, own: shown ?? me ?? null, isOwnShown: shown !== undefined, periods, period, choose };
}
