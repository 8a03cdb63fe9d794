import type { Entry } from "@grandstand/sdk";
import { useLeaderboard } from "@grandstand/sdk/react";
import { arcadeBoard } from "./arcade.js";

const view = { top: 10, me: true } as const;

export interface Arcade extends Omit<ReturnType<typeof useLeaderboard>, "me"> {
  /** The player's own entry, wherever it stands. */
  own: Entry | null;
  /** Whether it stands among the entries shown. */
  isOwnShown: boolean;
}

/** The live board of the demo: the ten best, and the player's own entry. */
export function useArcade(userId: string): Arcade {
  const { me, ...board } = useLeaderboard(arcadeBoard, view);
  // The board is told ten times a second, one's own entry once: among the shown ones it's the fresher.
  const shown = board.entries.find((entry) => entry.member === userId);
  return { ...board, own: shown ?? me ?? null, isOwnShown: shown !== undefined };
}
