import { useConnection } from "@grandstand/sdk/react";
import { useRef, useState } from "react";
import { SeasonBar } from "../season/SeasonBar.js";
import { SeasonNotice } from "../season/SeasonNotice.js";
import { staleWord } from "../shell/connection-words.js";
import { formatNumber } from "../shell/number-format.js";
import { Panel } from "../shell/Panel.js";
import { BoardFailure } from "./BoardFailure.js";
import { BoardRow } from "./BoardRow.js";
import { FreePlaces } from "./FreePlaces.js";
import { ScopeSwitch } from "./ScopeSwitch.js";
import { ScoreAnnouncer } from "./ScoreAnnouncer.js";
import { ScoreGap } from "./ScoreGap.js";
import type { Arcade } from "./useArcade.js";
import { useRowMotion } from "./useRowMotion.js";
import { type Scope, useSelection } from "./useSelection.js";
import "./board.css";

interface BoardProps {
  arcade: Arcade;
  userId: string;
}

/**
 * The live board. It shows the ten best entries; a player who is not among them has a row below them. With `ScopeSwitch`,
 * the player can switch to the entries around the player, or to the entries of friends.
 * Free places take up space too, so the layout does not shift while someone plays.
 */
export function Board({ arcade, userId }: BoardProps) {
  const { status, entries, total, own, isOwnShown, lastClosed, error } = arcade;
  const list = useRef<HTMLOListElement>(null);
  const [scope, setScope] = useState<Scope>("best");
  const shown = useSelection(scope, arcade, userId);
  useRowMotion(list, shown);

  const best = entries[0]?.score ?? 0;
  const isKnown = status === "live" || status === "stale";
  return (
    <Panel title="Live board" className="board" aside={<Total status={status} total={total} />}>
      <SeasonBar {...arcade} />
      <ScopeSwitch chosen={scope} onChoose={setScope} />
      <ScoreAnnouncer own={own} leader={entries[0] ?? null} />
      {status === "failed" && <BoardFailure error={error} />}
      <div className="board-list">
        {shown.length > 0 && (
          <ol ref={list} className="board-rows" data-status={status} aria-label={listNames[scope]}>
            {shown.map((entry) => (
              <BoardRow key={entry.member} entry={entry} best={best} isOwn={entry.member === userId} />
            ))}
          </ol>
        )}
        {status !== "failed" && (
          <FreePlaces taken={shown.length} isNumbered={scope === "best"} isLoading={status === "loading"} />
        )}
        <SeasonNotice closing={lastClosed} userId={userId} />
      </div>
      <div className="board-foot" hidden={status === "failed"}>
        {scope !== "best" ? (
          <p className="score-gap">{hintOf(scope, own !== null, shown.length)}</p>
        ) : own && !isOwnShown ? (
          <ol className="board-rows" data-status={status} start={own.rank} aria-label="Your place">
            <BoardRow entry={own} best={best} isOwn />
          </ol>
        ) : (
          isKnown && <ScoreGap entries={entries} own={own} />
        )}
      </div>
    </Panel>
  );
}

const listNames: Record<Scope, string> = {
  best: "The ten best",
  around: "Around me",
  friends: "Friends",
};

function hintOf(scope: Scope, hasScore: boolean, shown: number): string {
  if (scope === "around") {
    return hasScore
      ? "The players next to you, over the whole board."
      : "Play a round: then those next to you are here.";
  }
  const isAlone = shown === 0 || (hasScore && shown === 1);
  return isAlone
    ? "Press the star beside a name under “In the stand”: friends with a score are ranked here."
    : "You and your friends, with the ranks of the whole board.";
}

function Total({ status, total }: { status: Arcade["status"]; total: number }) {
  const connection = useConnection();
  if (status === "stale") return <span className="board-stale">{staleWord(connection.status)}</span>;
  if (status !== "live") return null;
  return <span className="figures">{total === 1 ? "1 player" : `${formatNumber(total)} players`}</span>;
}
