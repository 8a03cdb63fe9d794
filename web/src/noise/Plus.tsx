/** How many of the last presses are still on their way up. */
const shownAtOnce = 6;
/** Where each rises, in turn, so that quick presses don't cover each other. */
const lanes = [2, 38, 18, 52, 10, 30];

/** A +1 for each press, rising. For the eye only: the count itself is read out. */
export function Plus({ presses }: { presses: number }) {
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
