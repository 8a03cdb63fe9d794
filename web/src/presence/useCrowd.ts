import { type RoomPresence, usePresence } from "@grandstand/sdk/react";
import { useEffect } from "react";
import { terrace } from "../chat/room.js";
import { type Doing, doingOf } from "./doing.js";

/** As many as the largest stand has seats for, and then some. */
const SHOWN = 300;

/** Is on the terrace, does something there, and sees who else is. */
export function useCrowd(userId: string, doing: Doing): RoomPresence {
  const crowd = usePresence(terrace, { state: { doing }, limit: SHOWN });
  const { members, setState } = crowd;
  const own = members.find(({ user }) => user === userId);

  // All of a user's pages share one state. One that went out of sight must not speak for one that is looked at.
  const isTakenForAway = own !== undefined && doingOf(own) === "away" && doing !== "away";
  useEffect(() => {
    if (isTakenForAway) setState({ doing });
  }, [isTakenForAway, setState, doing]);

  return crowd;
}
