import type { PresenceMember } from "@grandstand/sdk";
import { FriendButton } from "../friends/FriendButton.js";
import { useName } from "../names/Names.js";
import { formatNumber } from "../shell/number-format.js";
import { Scarf } from "../shell/Scarf.js";
import { You } from "../shell/You.js";
import { activityOf, sortedForDisplay } from "./activity.js";
import "./activity-mark.css";
import "./people.css";

interface PeopleProps {
  members: readonly PresenceMember[];
  people: number;
  userId: string;
}

/** Lists the members, and says how many of the `people` in the room are not listed. */
export function People({ members, people, userId }: PeopleProps) {
  const others = people - members.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll an area only if it can take the focus.
    <section className="people" tabIndex={0} aria-label="Who is here">
      <ul className="people-list" aria-label="People">
        {sortedForDisplay(members, userId).map((member) => (
          <Person key={member.user} member={member} isOwn={member.user === userId} />
        ))}
      </ul>
      {others > 0 && (
        <p className="people-words figures">
          {members.length > 0
            ? `and ${formatNumber(others)} more`
            : "Too many people to list. Only their number is shown."}
        </p>
      )}
      {people === 1 && members.length === 1 && (
        <p className="people-words">
          Only you so far. Open this page in a private window, and you have company.
        </p>
      )}
    </section>
  );
}

function Person({ member, isOwn }: { member: PresenceMember; isOwn: boolean }) {
  const name = useName()(member.profile, member.user);
  const activity = activityOf(member);
  return (
    <li className="person" data-user={member.user} data-own={isOwn} data-activity={activity}>
      <Scarf member={member.user} />
      <span className="person-name">{name}</span>
      {isOwn ? <You /> : <FriendButton user={member.user} name={name} />}
      <span className="person-activity">
        {activity}
        <span className="activity-mark" data-activity={activity} aria-hidden="true" />
      </span>
    </li>
  );
}
