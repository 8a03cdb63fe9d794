import { type MouseEvent, memo, type PointerEvent } from "react";
import type { Seat as Place } from "./rules.js";
import { seatPlacement } from "./seat-placement.js";
import "./seat.css";

interface SeatProps {
  seat: number;
  place: Place;
  keyLabel: string;
  isLit: boolean;
  isEnabled: boolean;
  isTabStop: boolean;
  onStrike: (seat: number, atMs: number) => void;
}

export const Seat = memo(function Seat({
  seat,
  place,
  keyLabel,
  isLit,
  isEnabled,
  isTabStop,
  onStrike,
}: SeatProps) {
  // A pointer strikes on pointerdown, so the click event that follows is ignored. A click by keyboard or screen
  // reader has `detail` 0, and is a strike.
  const strikeByPointer = (event: PointerEvent) => {
    if (event.button === 0) onStrike(seat, event.timeStamp);
  };
  const strikeByKey = (event: MouseEvent) => {
    if (event.detail === 0) onStrike(seat, event.timeStamp);
  };
  return (
    <button
      type="button"
      className="seat"
      style={seatPlacement(place)}
      data-seat={seat}
      data-lit={isLit}
      disabled={!isEnabled}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={`${keyLabel}, row ${place.row + 1}, seat ${place.column + 1}${isLit ? ", lit" : ""}`}
      onPointerDown={strikeByPointer}
      onClick={strikeByKey}
    >
      <span className="seat-key" aria-hidden="true">
        {keyLabel}
      </span>
    </button>
  );
});
