import type { PresenceMember } from "@grandstand/sdk";
import type { CSSProperties } from "react";
import { useName } from "../names/Names.js";
import { scarfOf } from "../shell/scarf-colours.js";
import { activityOf } from "./activity.js";
import { assignSeats, blockFor } from "./seating.js";
import "./seats.css";

interface SeatsProps {
  members: readonly PresenceMember[];
  /** The number of people in the room, including those that `members` leaves out. */
  people: number;
  userId: string;
}

/** The members as seats of a stand. Hidden from screen readers: the list next to it has the same content. */
export function Seats({ members, people, userId }: SeatsProps) {
  const block = blockFor(people);
  const byUser = new Map(members.map((member) => [member.user, member]));
  const seats = assignSeats(block, [...byUser.keys()], people);
  const style = { "--columns": block.columns, "--rows": block.rows } as CSSProperties;
  return (
    <div className="seats" style={style} data-rows={block.rows} aria-hidden="true">
      {seats.map((user, seat) => {
        const column = seat % block.columns;
        const fromMiddle = (2 * (column + 0.5)) / block.columns - 1;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a seat is identified by its place.
          <span key={seat} className="place" style={{ "--sink": 1 - fromMiddle ** 2 } as CSSProperties}>
            {user === null && <span className="sitter" data-activity="watching" />}
            {user != null && (
              <Sitter key={user} member={byUser.get(user) as PresenceMember} isOwn={user === userId} />
            )}
          </span>
        );
      })}
    </div>
  );
}

function Sitter({ member, isOwn }: { member: PresenceMember; isOwn: boolean }) {
  const nameOf = useName();
  return (
    <span
      className="sitter"
      data-activity={activityOf(member)}
      data-own={isOwn}
      style={scarfOf(member.user).style}
      title={nameOf(member.profile, member.user)}
    />
  );
}
