import { useClient } from "@grandstand/sdk/react";
import { useEffect, useState } from "react";
import { arcadeBoard } from "../board/arcade.js";
import { type Period, periods } from "./periods.js";

/**
 * The periods that the board ranks by. Until the board is loaded, these are all periods that the page knows.
 */
export function usePeriods(): readonly Period[] {
  const client = useClient();
  const [known, setKnown] = useState<readonly Period[]>(periods);

  useEffect(() => {
    let isCurrent = true;
    client
      .leaderboard(arcadeBoard)
      .get()
      .then(
        ({ windows }) => {
          if (isCurrent) setKnown(periods.filter(({ window }) => windows.includes(window)));
        },
        // The live board shows the error.
        () => {},
      );
    return () => {
      isCurrent = false;
    };
  }, [client]);

  return known;
}
