import { useLeaderboard } from "@grandstand/sdk/react";
import { useRef } from "react";
import { Panel } from "../shell/Panel.js";
import { arcadeBoard } from "./arcade.js";
import { BoardRow } from "./BoardRow.js";
import { formatScore } from "./score-format.js";
import { useRowMotion } from "./useRowMotion.js";
import "./board.css";

const view = { top: 10, me: true } as const;

/** The live board: the ten best, and under them the guest's own row when it isn't among them. */
export function Board({ userId }: { userId: string }) {
  const { status, entries, total, me, error } = useLeaderboard(arcadeBoard, view);
  const list = useRef<HTMLOListElement>(null);
  useRowMotion(list, entries);

  const best = entries[0]?.score ?? 0;
  const own = entries.find((entry) => entry.member === userId) ?? me ?? null;
  const isPinned = own !== null && !entries.some((entry) => entry.member === userId);

  return (
    <Panel title="Live board" className="board" aside={<Total status={status} total={total} />}>
      <p className="visually-hidden" role="status">
        {own && `You are number ${own.rank} of ${total}`}
      </p>
      {status === "failed" && <p className="board-message">The board can't be read: {error?.message}.</p>}
      {status === "loading" && <p className="board-message">Reading the board.</p>}
      {status !== "failed" && status !== "loading" && entries.length === 0 && (
        <p className="board-message">Nobody has played yet. The first score leads.</p>
      )}
      <ol ref={list} className="board-rows" data-status={status} aria-label="The ten best">
        {entries.map((entry) => (
          <BoardRow key={entry.member} entry={entry} best={best} isOwn={entry.member === userId} />
        ))}
      </ol>
      {own && isPinned && (
        <ol className="board-rows board-pinned" data-status={status} aria-label="Your place">
          <BoardRow entry={own} best={best} isOwn />
        </ol>
      )}
    </Panel>
  );
}

function Total({ status, total }: { status: string; total: number }) {
  if (status === "stale") return <span className="board-stale">Catching up</span>;
  if (status !== "live") return null;
  return <span className="figures">{total === 1 ? "1 player" : `${formatScore(total)} players`}</span>;
}
