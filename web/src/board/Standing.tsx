import type { Entry } from "@grandstand/sdk";
import { nameOf } from "./name-of.js";
import { formatScore } from "./score-format.js";

interface StandingProps {
  own: Entry | null;
  leader: Entry | null;
}

/**
 * What a screen reader is told as scores change: one's own place and who leads. The rows between move too
 * often to be read out; they are there to be browsed.
 */
export function Standing({ own, leader }: StandingProps) {
  const isLeading = own !== null && own.member === leader?.member;
  return (
    <p className="visually-hidden" role="status">
      {own && `You are number ${own.rank} with ${formatScore(own.score)} points. `}
      {leader && !isLeading && `${nameOf(leader)} leads with ${formatScore(leader.score)}.`}
    </p>
  );
}
