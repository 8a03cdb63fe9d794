import type { Entry } from "@grandstand/sdk";
import type { CSSProperties } from "react";
import { Scarf } from "../shell/Scarf.js";
import { formatScore } from "./score-format.js";
import "./board-row.css";

interface BoardRowProps {
  entry: Entry;
  /** The score of the first: the others' bars are drawn against it. */
  best: number;
  isOwn: boolean;
}

export function BoardRow({ entry, best, isOwn }: BoardRowProps) {
  const share = { "--share": best > 0 ? entry.score / best : 0 } as CSSProperties;
  return (
    <li className="row" style={share} data-member={entry.member} data-own={isOwn} data-podium={entry.rank <= 3}>
      <span className="row-rank figures">{entry.rank}</span>
      <Scarf member={entry.member} />
      <span className="row-name">
        <span className="row-name-text">{entry.profile?.name ?? entry.member}</span>
        {isOwn && <span className="row-you">You</span>}
      </span>
      {/* The key restarts the flash whenever the score changes. */}
      <span key={entry.score} className="row-score figures">
        {formatScore(entry.score)}
      </span>
    </li>
  );
}
