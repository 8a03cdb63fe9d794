import type { PresenceMember } from "@grandstand/sdk";
import type { CSSProperties } from "react";
import { scarfOf } from "../shell/scarf-colours.js";
import { doingOf } from "./doing.js";
import { nameOf } from "./name-of.js";
import { blockFor, seated } from "./seating.js";
import "./seats.css";

interface SeatsProps {
  members: readonly PresenceMember[];
  /** All who are here, also those who are not among the members. */
  people: number;
  userId: string;
}

/** The stand, and who sits where. The list beside it says the same in words. */
export function Seats({ members, people, userId }: SeatsProps) {
  const block = blockFor(people);
  const byUser = new Map(members.map((member) => [member.user, member]));
  const seats = seated(block, [...byUser.keys()], people);
  const style = { "--columns": block.columns, "--rows": block.rows } as CSSProperties;
  return (
    <div className="seats" style={style} data-rows={block.rows} aria-hidden="true">
      {seats.map((user, seat) => {
        const column = seat % block.columns;
        const fromMiddle = (2 * (column + 0.5)) / block.columns - 1;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a seat is its place.
          <span key={seat} className="place" style={{ "--sink": 1 - fromMiddle ** 2 } as CSSProperties}>
            {user === null && <span className="sitter" data-doing="watching" />}
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
  return (
    <span
      className="sitter"
      data-doing={doingOf(member)}
      data-own={isOwn}
      style={scarfOf(member.user).style}
      title={nameOf(member)}
    />
  );
}
