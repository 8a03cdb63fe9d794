import { Board } from "./board/Board.js";
import { useArcade } from "./board/useArcade.js";
import { ChatPanel } from "./chat/ChatPanel.js";
import { Game } from "./game/Game.js";
import { Noise } from "./noise/Noise.js";
import { Recipe } from "./recipe/Recipe.js";
import "./floor.css";

/** The panels. The game and the board read the same live board, which is subscribed to once. */
export function Floor({ userId }: { userId: string }) {
  const arcade = useArcade(userId);
  return (
    <main className="floor">
      <Game userId={userId} own={arcade.own} period={arcade.period} />
      <Board arcade={arcade} userId={userId} />
      <Noise />
      <ChatPanel userId={userId} />
      <Recipe />
    </main>
  );
}
