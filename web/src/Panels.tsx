import { useState } from "react";
import { Board } from "./board/Board.js";
import { useArcade } from "./board/useArcade.js";
import { ChatPanel } from "./chat/ChatPanel.js";
import { Game } from "./game/Game.js";
import { Noise } from "./noise/Noise.js";
import { Crowd } from "./presence/Crowd.js";
import { useActivity } from "./presence/useActivity.js";
import { useWriting } from "./presence/useWriting.js";
import { Proof } from "./proof/Proof.js";
import { Recipe } from "./recipe/Recipe.js";
import "./panels.css";

/** Lays out the panels. The game and the board share one subscription to the live board. */
export function Panels({ userId }: { userId: string }) {
  const arcade = useArcade(userId);
  const [isPlaying, setPlaying] = useState(false);
  const [isWriting, onTextChange] = useWriting();
  const activity = useActivity(isPlaying, isWriting);
  return (
    <main className="panels">
      <Game userId={userId} own={arcade.own} period={arcade.period} onPlaying={setPlaying} />
      <Board arcade={arcade} userId={userId} />
      <Proof />
      <Noise />
      <Crowd userId={userId} activity={activity} />
      <ChatPanel userId={userId} onTextChange={onTextChange} />
      <Recipe />
    </main>
  );
}
