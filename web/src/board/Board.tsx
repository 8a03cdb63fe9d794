import { useConnection } from "@grandstand/sdk/react";
import { useRef } from "react";
import { SeasonBar } from "../season/SeasonBar.js";
import { SeasonNotice } from "../season/SeasonNotice.js";
import { staleWord } from "../shell/connection-words.js";
import { formatNumber } from "../shell/number-format.js";
import { Panel } from "../shell/Panel.js";
import { BoardFailure } from "./BoardFailure.js";
import { BoardRow } from "./BoardRow.js";
import { FreePlaces } from "./FreePlaces.js";
import { ScoreAnnouncer } from "./ScoreAnnouncer.js";
import { ScoreGap } from "./ScoreGap.js";
import type { Arcade } from "./useArcade.js";
import { useRowMotion } from "./useRowMotion.js";
import "./board.css";

interface BoardProps {
  arcade: Arcade;
  userId: string;
}

/**
 * The live board: the ten best entries, and the player's own row below them if it is not among them.
 * Free places take up space too, so the layout does not shift while someone plays.
 */
export function Board({ arcade, userId }: BoardProps) {
  const { status, entries, total, own, isOwnShown, lastClosed, error } = arcade;
  const list = useRef<HTMLOListElement>(null);
  useRowMotion(list, entries);

  const best = entries[0]?.score ?? 0;
  const isKnown = status === "live" || status === "stale";
  return (
    <Panel title="Live board" className="board" aside={<Total status={status} total={total} />}>
      <SeasonBar {...arcade} />
      <ScoreAnnouncer own={own} leader={entries[0] ?? null} />
      {status === "failed" && <BoardFailure error={error} />}
      <div className="board-list">
        {entries.length > 0 && (
          <ol ref={list} className="board-rows" data-status={status} aria-label="The ten best">
            {entries.map((entry) => (
              <BoardRow key={entry.member} entry={entry} best={best} isOwn={entry.member === userId} />
            ))}
          </ol>
        )}
        {status !== "failed" && <FreePlaces taken={entries.length} isLoading={status === "loading"} />}
        <SeasonNotice closing={lastClosed} userId={userId} />
      </div>
      <div className="board-foot" hidden={status === "failed"}>
        {own && !isOwnShown ? (
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

function Total({ status, total }: { status: Arcade["status"]; total: number }) {
  const connection = useConnection();
  if (status === "stale") return <span className="board-stale">{staleWord(connection.status)}</span>;
  if (status !== "live") return null;
  return <span className="figures">{total === 1 ? "1 player" : `${formatNumber(total)} players`}</span>;
}
