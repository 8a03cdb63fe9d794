import { useId } from "react";
import type { Period, PeriodWindow } from "./periods.js";
import "./period-switch.css";

interface PeriodSwitchProps {
  periods: readonly Period[];
  chosen: PeriodWindow;
  onChoose: (window: PeriodWindow) => void;
}

/** Selects the period that the board shows. Radio buttons support the arrow keys without code. */
export function PeriodSwitch({ periods, chosen, onChoose }: PeriodSwitchProps) {
  const name = useId();
  return (
    <fieldset className="period-switch">
      <legend className="visually-hidden">Scores of</legend>
      {periods.map((period) => (
        <label key={period.window} className="period">
          <input
            type="radio"
            className="visually-hidden"
            name={name}
            value={period.window}
            checked={period.window === chosen}
            onChange={() => onChoose(period.window)}
          />
          {period.name}
        </label>
      ))}
    </fieldset>
  );
}
