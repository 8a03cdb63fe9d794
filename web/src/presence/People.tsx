import type { PresenceMember } from "@grandstand/sdk";
import { formatScore } from "../board/score-format.js";
import { Scarf } from "../shell/Scarf.js";
import { You } from "../shell/You.js";
import { doingOf, inOrder } from "./doing.js";
import { nameOf } from "./name-of.js";
import "./doing-mark.css";
import "./people.css";

interface PeopleProps {
  members: readonly PresenceMember[];
  people: number;
  userId: string;
}

/** Those who are here, by name. */
export function People({ members, people, userId }: PeopleProps) {
  const others = people - members.length;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area needs the focus to be scrolled.
    <section className="people" tabIndex={0} aria-label="Who is here">
      <ul className="people-list" aria-label="People">
        {inOrder(members, userId).map((member) => (
          <Person key={member.user} member={member} isOwn={member.user === userId} />
        ))}
      </ul>
      {others > 0 && (
        <p className="people-words figures">
          {members.length > 0
            ? `and ${formatScore(others)} more`
            : "Too many to name: only how many is told."}
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
  const doing = doingOf(member);
  return (
    <li className="person" data-user={member.user} data-own={isOwn} data-doing={doing}>
      <Scarf member={member.user} />
      <span className="person-name">{nameOf(member)}</span>
      {isOwn && <You />}
      <span className="person-doing">
        {doing}
        <span className="doing-mark" data-doing={doing} aria-hidden="true" />
      </span>
    </li>
  );
}
