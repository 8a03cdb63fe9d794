import { spell } from "./letters.js";
import "./tifo.css";

interface TifoProps {
  lines: readonly string[];
  rows: number;
  columns: number;
  className: string;
}

const seat = { width: 8, height: 7, pitchX: 10, pitchY: 10 };
/** The curvature of the rows, which rise towards the ends of the stand. */
const bend = 0.00018;

/** A tifo is a picture that supporters form with coloured cards. This decorative one spells words with lit seats. */
export function Tifo({ lines, rows, columns, className }: TifoProps) {
  const lit = spell(lines, rows, columns);
  const width = columns * seat.pitchX;
  const rise = bend * (width / 2) ** 2;
  const seats = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = column * seat.pitchX;
      const isLit = lit.has(`${row}:${column}`);
      const isFlash = !isLit && (row * 31 + column * 17) % 97 === 5;
      seats.push(
        <rect
          key={`${row}:${column}`}
          className={isLit ? "tifo-lit" : isFlash ? "tifo-flash" : undefined}
          x={x}
          y={row * seat.pitchY + rise - bend * (x - width / 2) ** 2}
          width={seat.width}
          height={seat.height}
          rx="2"
        />,
      );
    }
  }
  return (
    <svg
      className={`tifo ${className}`}
      viewBox={`0 ${rise} ${width - 2} ${rows * seat.pitchY - rise}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      {seats}
    </svg>
  );
}
