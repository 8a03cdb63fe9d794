import { useClient } from "@grandstand/sdk/react";
import { useEffect, useState } from "react";
import { arcadeBoard } from "../board/arcade.js";
import { type Period, periods } from "./periods.js";

/** The periods that the board counts in; all that the page knows until the server has said. */
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
        // The board tells of its failure itself.
        () => {},
      );
    return () => {
      isCurrent = false;
    };
  }, [client]);

  return known;
}
