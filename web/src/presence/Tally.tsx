import type { PresenceMember } from "@grandstand/sdk";
import { tallyOf } from "./activity.js";
import "./activity-mark.css";
import "./tally.css";

interface TallyProps {
  members: readonly PresenceMember[];
  /** Whether `members` has everyone in the room. Otherwise counts per activity would be wrong and are left out. */
  isComplete: boolean;
}

/** A legend of the list of members: the mark of each activity, and how many members have this activity. */
export function Tally({ members, isComplete }: TallyProps) {
  const shown = [...tallyOf(members)].filter(([, people]) => people > 0);
  return (
    <ul className="tally" aria-label="What they do">
      {shown.map(([activity, people]) => (
        <li key={activity}>
          <span className="activity-mark" data-activity={activity} aria-hidden="true" />
          <span>
            {isComplete && <strong className="figures">{people} </strong>}
            {activity}
          </span>
        </li>
      ))}
    </ul>
  );
}
