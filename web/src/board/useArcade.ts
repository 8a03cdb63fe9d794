import type { Entry } from "@grandstand/sdk";
import { useLeaderboard } from "@grandstand/sdk/react";
import { useState } from "react";
import type { Period, PeriodWindow } from "../season/periods.js";
import { usePeriods } from "../season/usePeriods.js";
import { arcadeBoard } from "./arcade.js";

export interface Arcade extends Omit<ReturnType<typeof useLeaderboard>, "me"> {
  /** The player's own entry, wherever it stands. */
  own: Entry | null;
  /** Whether it stands among the entries shown. */
  isOwnShown: boolean;
  /** The periods that the board counts in, and the one that is shown. */
  periods: readonly Period[];
  period: PeriodWindow;
  choose: (period: PeriodWindow) => void;
}

/** The live board of the demo, of one period: the ten best, and the player's own entry. */
export function useArcade(userId: string): Arcade {
  const periods = usePeriods();
  const [period, choose] = useState<PeriodWindow>("all");
  const { me, ...board } = useLeaderboard(arcadeBoard, { window: period, top: 10, me: true });
  // The board is told ten times a second, one's own entry once: among the shown ones it's the fresher.
  const shown = board.entries.find((entry) => entry.member === userId);
  return { ...board, own: shown ?? me ?? null, isOwnShown: shown !== undefined, periods, period, choose };
}
