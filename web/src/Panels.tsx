import "./shell/panel.css";
import { useRef, useState } from "react";
import { Board } from "./board/Board.js";
import { useArcade } from "./board/useArcade.js";
import { ChatPanel } from "./chat/ChatPanel.js";
import { UnreadJump } from "./chat/UnreadJump.js";
import { Game } from "./game/Game.js";
import { Names } from "./names/Names.js";
import { Noise } from "./noise/Noise.js";
import { Crowd } from "./presence/Crowd.js";
import { useActivity } from "./presence/useActivity.js";
import { useWriting } from "./presence/useWriting.js";
import { Proof } from "./proof/Proof.js";
import { Recipe } from "./recipe/Recipe.js";
import type { GuestSession } from "./session/guest-session.js";
import { Header } from "./shell/Header.js";
import { TabBar } from "./tabs/TabBar.js";
import type { Tab } from "./tabs/tabs.js";
import "./panels.css";

interface PanelsProps {
  user: GuestSession["user"];
  onLeave: () => void;
}

/**
 * Lays out the header and the panels. A wide window shows all panels; a narrow window shows the panels of one tab. The game
 * and the board share one subscription to the live board.
 */
export function Panels({ user, onLeave }: PanelsProps) {
  const userId = user.id;
  const arcade = useArcade(userId);
  const [isPlaying, setPlaying] = useState(false);
  const [isWriting, onTextChange] = useWriting();
  const activity = useActivity(isPlaying, isWriting);
  const [tab, setTab] = useState<Tab>("play");
  const chat = useRef<HTMLDivElement>(null);
  const choose = (next: Tab) => {
    setTab(next);
    window.scrollTo({ top: 0 });
  };
  return (
    <Names entries={arcade.entries}>
      <Header user={user} onLeave={onLeave} />
      <main className="panels" data-tab={tab}>
        <div data-part="play">
          <Game userId={userId} own={arcade.own} period={arcade.period} onPlaying={setPlaying} />
        </div>
        <div data-part="board">
          <Board arcade={arcade} userId={userId} />
        </div>
        <div data-part="nodes">
          <Proof />
        </div>
        <div data-part="people">
          <Noise />
        </div>
        <div data-part="people">
          <Crowd userId={userId} activity={activity} />
        </div>
        <div ref={chat} data-part="chat">
          <ChatPanel userId={userId} onTextChange={onTextChange} />
        </div>
        <div data-part="board">
          <Recipe />
        </div>
      </main>
      <UnreadJump onJump={() => chat.current?.firstElementChild?.scrollIntoView({ block: "center" })} />
      <TabBar chosen={tab} onChoose={choose} />
    </Names>
  );
}
