import { type CSSProperties, type KeyboardEvent, type Ref, useState } from "react";
import { Bursts } from "./Bursts.js";
import { seatBeside } from "./keys.js";
import { columnCount, litSeat, placeOf, type Round, rowCount, seatCount } from "./rules.js";
import { Seat } from "./Seat.js";
import { useKeyLabels } from "./useKeyLabels.js";
import "./stand.css";

interface StandProps {
  ref: Ref<HTMLDivElement>;
  round: Round;
  isRunning: boolean;
  onStrike: (seat: number, atMs: number) => void;
}

const seats = Array.from({ length: seatCount }, (_, seat) => seat);
const middleSeat = Math.floor(rowCount / 2) * columnCount + Math.floor(columnCount / 2);
const grid = { "--rows": rowCount, "--columns": columnCount } as CSSProperties;

/**
 * The seats, with a roving tab index: Tab reaches one seat, and the arrow keys move between seats.
 * The stand is therefore one tab stop, not twenty-eight.
 */
export function Stand({ ref, round, isRunning, onStrike }: StandProps) {
  const labels = useKeyLabels();
  const [tabSeat, setTabSeat] = useState(middleSeat);
  const lit = isRunning ? litSeat(round) : null;

  const moveFocus = (event: KeyboardEvent<HTMLDivElement>) => {
    const next = isRunning ? seatBeside(tabSeat, event.key) : null;
    if (next === null) return;
    event.preventDefault();
    setTabSeat(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-seat="${next}"]`)?.focus();
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for the fields of a form.
    <div
      ref={ref}
      className="stand"
      style={grid}
      role="group"
      aria-label="The stand"
      tabIndex={-1}
      data-running={isRunning}
      onKeyDown={moveFocus}
    >
      {seats.map((seat) => (
        <Seat
          key={seat}
          seat={seat}
          place={placeOf(seat)}
          keyLabel={labels[seat] as string}
          isLit={seat === lit}
          isEnabled={isRunning}
          isTabStop={seat === tabSeat}
          onStrike={onStrike}
        />
      ))}
      <Bursts outcomes={round.outcomes} />
    </div>
  );
}
