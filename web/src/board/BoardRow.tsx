import type { Entry } from "@grandstand/sdk";
import type { CSSProperties } from "react";
import { useName } from "../names/Names.js";
import { formatNumber } from "../shell/number-format.js";
import { Scarf } from "../shell/Scarf.js";
import { Climb, useClimb } from "./Climb.js";
import { useFlash } from "./useFlash.js";
import "./board-row.css";

interface BoardRowProps {
  entry: Entry;
  /** The leader's score. The bar behind a row shows the row's score as a share of `best`. */
  best: number;
  isOwn: boolean;
}

export function BoardRow({ entry, best, isOwn }: BoardRowProps) {
  const nameOf = useName();
  const climb = useClimb(entry.rank);
  const score = useFlash<HTMLSpanElement>(entry.score);
  const share = { "--share": best > 0 ? Math.min(1, entry.score / best) : 0 } as CSSProperties;
  return (
    <li
      className="row"
      style={share}
      data-member={entry.member}
      data-own={isOwn}
      data-podium={entry.rank <= 3}
    >
      <span className="row-rank figures">{entry.rank}</span>
      <Scarf member={entry.member} />
      <span className="row-name">
        <span className="row-name-text">{nameOf(entry.profile, entry.member)}</span>
        {isOwn && <span className="row-you">You</span>}
        {climb > 0 && <Climb key={entry.rank} places={climb} />}
      </span>
      <span ref={score} className="row-score figures">
        {formatNumber(entry.score)}
      </span>
    </li>
  );
}
