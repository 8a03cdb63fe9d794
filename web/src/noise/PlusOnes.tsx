/** How many of the last presses are still shown. */
const shownAtOnce = 6;
/** The horizontal positions in percent. Presses use them in turn, so that the +1 of quick presses do not overlap. */
const lanes = [2, 38, 18, 52, 10, 30];

/** A rising +1 for each press. Hidden from screen readers, which read out the count itself. */
export function PlusOnes({ presses }: { presses: number }) {
  const first = Math.max(0, presses - shownAtOnce);
  return Array.from({ length: presses - first }, (_, at) => {
    const number = first + at;
    return (
      <span
        key={number}
        className="plus figures"
        style={{ insetInlineEnd: `${lanes[number % lanes.length]}%` }}
        aria-hidden="true"
      >
        +1
      </span>
    );
  });
}
