import { useState } from "react";
import { Board } from "./board/Board.js";
import { useArcade } from "./board/useArcade.js";
import { ChatPanel } from "./chat/ChatPanel.js";
import { Game } from "./game/Game.js";
import { Noise } from "./noise/Noise.js";
import { Crowd } from "./presence/Crowd.js";
import { useDoing } from "./presence/useDoing.js";
import { useWriting } from "./presence/useWriting.js";
import { Recipe } from "./recipe/Recipe.js";
import "./floor.css";

/** The panels. The game and the board read the same live board, which is subscribed to once. */
export function Floor({ userId }: { userId: string }) {
  const arcade = useArcade(userId);
  const [isPlaying, tellPlaying] = useState(false);
  const [isWriting, tellWriting] = useWriting();
  const doing = useDoing(isPlaying, isWriting);
  return (
    <main className="floor">
      <Game userId={userId} own={arcade.own} period={arcade.period} onPlaying={tellPlaying} />
      <Board arcade={arcade} userId={userId} />
      <Noise />
      <Crowd userId={userId} doing={doing} />
      <ChatPanel userId={userId} onWriting={tellWriting} />
      <Recipe />
    </main>
  );
}
