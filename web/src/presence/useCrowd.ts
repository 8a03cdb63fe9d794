import { type RoomPresence, useConnection, usePresence } from "@grandstand/sdk/react";
import { useEffect } from "react";
import { terrace } from "../chat/room.js";
import { type Activity, activityOf } from "./activity.js";

/** The most members to load. The drawing of the crowd has fewer seats (seating.ts). */
export const CROWD_LIMIT = 300;

/** Enters the room and follows its members. The user's state there is the activity and the node that serves this page. */
export function useCrowd(userId: string, activity: Activity): RoomPresence {
  const { welcome } = useConnection();
  const node = welcome?.nodeId ?? null;
  const crowd = usePresence(terrace, { state: { doing: activity, node }, limit: CROWD_LIMIT });
  const { members, setState } = crowd;
  const own = members.find(({ user }) => user === userId);

  // All tabs of a user share one state. If a hidden tab has set it to away, a visible tab restores its own activity.
  const isWronglyAway = own !== undefined && activityOf(own) === "away" && activity !== "away";
  useEffect(() => {
    if (isWronglyAway) setState({ doing: activity, node });
  }, [isWronglyAway, setState, activity, node]);

  return crowd;
}
