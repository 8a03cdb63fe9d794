import { type RoomPresence, usePresence } from "@grandstand/sdk/react";
import { useEffect } from "react";
import { terrace } from "../chat/room.js";
import { type Activity, activityOf } from "./activity.js";

/** The most members to load: more than the largest stand has seats. */
const MEMBER_LIMIT = 300;

/** Enters the room with the given activity, and follows its members. */
export function useCrowd(userId: string, activity: Activity): RoomPresence {
  const crowd = usePresence(terrace, { state: { doing: activity }, limit: MEMBER_LIMIT });
  const { members, setState } = crowd;
  const own = members.find(({ user }) => user === userId);

  // All tabs of a user share one state. If a hidden tab has set it to away, a visible tab sets it again.
  const isWronglyAway = own !== undefined && activityOf(own) === "away" && activity !== "away";
  useEffect(() => {
    if (isWronglyAway) setState({ doing: activity });
  }, [isWronglyAway, setState, activity]);

  return crowd;
}
