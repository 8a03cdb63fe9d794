import "./mark.css";

/** The logo: a block of nine seats, one of them lit. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 26 22" aria-hidden="true">
      {[0, 1, 2].flatMap((row) =>
        [0, 1, 2].map((column) => (
          <rect
            key={`${row}-${column}`}
            className={row === 1 && column === 1 ? "mark-lit" : "mark-seat"}
            x={column * 9}
            y={row * 7.5 + (column === 1 ? 1 : 0)}
            width="7.5"
            height="5.5"
            rx="1.6"
          />
        )),
      )}
    </svg>
  );
}
