import type { PresenceMember } from "@grandstand/sdk";
import { tallyOf } from "./doing.js";
import "./doing-mark.css";
import "./tally.css";

interface TallyProps {
  members: readonly PresenceMember[];
  /** Whether these are all who are here. Else they are too few to count. */
  isComplete: boolean;
}

/** What a seat looks like whose sitter does this or that, and how many do. */
export function Tally({ members, isComplete }: TallyProps) {
  const shown = [...tallyOf(members)].filter(([, people]) => people > 0);
  return (
    <ul className="tally" aria-label="What they do">
      {shown.map(([doing, people]) => (
        <li key={doing}>
          <span className="doing-mark" data-doing={doing} aria-hidden="true" />
          <span>
            {isComplete && <strong className="figures">{people} </strong>}
            {doing}
          </span>
        </li>
      ))}
    </ul>
  );
}
