import { useState } from "react";
import { Mark } from "../shell/Mark.js";
import { GateLinks } from "./GateLinks.js";
import { GuestsOff } from "./GuestsOff.js";
import { NameForm } from "./NameForm.js";
import { Tifo } from "./Tifo.js";
import "./gate.css";

interface GateProps {
  /** The name of a guest whose session the server no longer accepts; null for a new guest. */
  formerName: string | null;
  onEnter: (name: string) => Promise<void>;
}

/** The page for a visitor without a session: a picture of spectators who spell GRANDSTAND, and a form for the name. */
export function Gate({ formerName, onEnter }: GateProps) {
  const [areGuestsOff, setGuestsOff] = useState(false);
  return (
    <div className="gate">
      <div className="gate-stand">
        <Tifo className="tifo-wide" lines={["GRANDSTAND"]} rows={23} columns={71} />
        <Tifo className="tifo-narrow" lines={["GRAND", "STAND"]} rows={25} columns={35} />
      </div>
      <main className="gate-body">
        <div>
          <p className="wordmark">
            <Mark />
            Grandstand
          </p>
          <h1>Take your seat.</h1>
          <p className="gate-lead">
            Grandstand is a backend for live leaderboards, presence, chat and counters that you host yourself,
            on your own Redis. Play ten seconds, and watch your score land on everyone's board.
          </p>
          <GateLinks />
        </div>
        {areGuestsOff ? (
          <GuestsOff onTryAgain={() => setGuestsOff(false)} />
        ) : (
          <NameForm formerName={formerName} onEnter={onEnter} onGuestsOff={() => setGuestsOff(true)} />
        )}
      </main>
    </div>
  );
}
