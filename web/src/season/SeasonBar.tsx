import type { Arcade } from "../board/useArcade.js";
import { PeriodSwitch } from "./PeriodSwitch.js";
import { TimeLeft } from "./TimeLeft.js";
import "./season-bar.css";

/** The bar above the rows: the selected period, and the time left in its season. */
export function SeasonBar({ periods, period, choose, season, seasonEndsAt }: Arcade) {
  if (periods.length < 2) return null;
  return (
    <div className="season-bar">
      <PeriodSwitch periods={periods} chosen={period} onChoose={choose} />
      <p className="time-left figures">
        {season !== null && seasonEndsAt !== null && <TimeLeft endsAt={seasonEndsAt} />}
      </p>
    </div>
  );
}
