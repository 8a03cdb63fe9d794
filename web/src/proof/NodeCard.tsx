import type { PresenceMember } from "@grandstand/sdk";
import { useName } from "../names/Names.js";
import { Scarf } from "../shell/Scarf.js";
import type { DemoNode } from "./useNodes.js";

interface NodeCardProps {
  node: DemoNode;
  /** The members who are connected to this node. */
  people: readonly PresenceMember[];
  isOwn: boolean;
  isDead?: boolean;
  /** Kills the node; null if that is not possible now. */
  onKill?: (() => void) | null;
  isBusy?: boolean;
}

const SCARVES = 12;

export function NodeCard({
  node,
  people,
  isOwn,
  isDead = false,
  onKill = null,
  isBusy = false,
}: NodeCardProps) {
  const nameOf = useName();
  const { number, pid } = node;
  return (
    <li className="proof-card" data-own={isOwn} data-dead={isDead} data-node={node.nodeId}>
      <p className="proof-card-name">
        Node {number}
        {isOwn && <span className="proof-tag">serves you</span>}
        {isDead && <span className="proof-tag">killed</span>}
      </p>
      <p className="proof-card-note figures">
        {isDead ? "Another one starts." : people.length === 1 ? "1 person" : `${people.length} people`}
        <br />
        process {pid}
      </p>
      <p className="proof-people" aria-hidden="true">
        {people.slice(0, SCARVES).map(({ user, profile }) => (
          <span key={user} title={nameOf(profile, user)}>
            <Scarf member={user} />
          </span>
        ))}
      </p>
      {isOwn && onKill && (
        <button type="button" className="danger-button" disabled={isBusy} onClick={onKill}>
          Kill this node
        </button>
      )}
    </li>
  );
}
