import { formatNumber } from "../shell/number-format.js";
import { Panel } from "../shell/Panel.js";
import type { Activity } from "./activity.js";
import { People } from "./People.js";
import { Seats } from "./Seats.js";
import { Tally } from "./Tally.js";
import { useCrowd } from "./useCrowd.js";
import "./crowd.css";

interface CrowdProps {
  userId: string;
  activity: Activity;
}

/** The members of the room and their activities: as seats of a stand, and as a list of names. */
export function Crowd({ userId, activity }: CrowdProps) {
  const { status, count, members, isComplete, error } = useCrowd(userId, activity);
  const isKnown = status === "live" || status === "stale";
  return (
    <Panel title="In the stand" className="crowd" aside={isKnown && <PresentCount people={count} />}>
      <div className="crowd-sight" data-status={status}>
        <Seats members={members} people={count} userId={userId} />
        {members.length > 0 && <Tally members={members} isComplete={isComplete} />}
        {status === "failed" && <p className="crowd-words">{error?.message ?? "Nobody can be seen now."}</p>}
        <People members={members} people={count} userId={userId} />
      </div>
    </Panel>
  );
}

function PresentCount({ people }: { people: number }) {
  return (
    <span className="figures">
      <strong>{formatNumber(people)}</strong> here now
    </span>
  );
}
