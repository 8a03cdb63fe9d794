import type { Entry } from "@grandstand/sdk";
import { useClient } from "@grandstand/sdk/react";
import { useEffect, useState } from "react";
import { useFriends } from "../friends/friends.js";
import { arcadeBoard } from "./arcade.js";
import type { Arcade } from "./useArcade.js";

/** Whom the board shows: the ten best, those around the player, or the player's friends. */
export type Scope = "best" | "around" | "friends";

const RADIUS = 4;
const REFRESH_MS = 2_000;

/**
 * The entries of the scope. The ten best are live. In the other scopes, the entries are read every two seconds, and when the
 * own entry or the number of entries changes.
 */
export function useSelection(scope: Scope, arcade: Arcade, userId: string): readonly Entry[] {
  const client = useClient();
  const friends = useFriends();
  const { entries, own, total, period, status } = arcade;
  const hasScore = own !== null;
  const [read, setRead] = useState<{ scope: Scope; period: string; entries: readonly Entry[] } | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the board is a reason to read again.
  useEffect(() => {
    if (scope === "best" || status !== "live") return;
    let isCurrent = true;
    const board = client.leaderboard(arcadeBoard);
    const load = async () => {
      const found =
        scope === "friends"
          ? await board.lookup([...friends, userId], { window: period })
          : hasScore
            ? await board.around(userId, { radius: RADIUS, window: period })
            : { entries: [] };
      if (isCurrent) setRead({ scope, period, entries: found.entries });
    };
    // After a failure, the entries that were read before stay.
    const refresh = () => void load().catch(() => {});
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [client, scope, period, status, hasScore, own, total, friends, userId]);

  if (scope === "best") return entries;
  return read?.scope === scope && read.period === period ? read.entries : [];
}
