import { Mark } from "../shell/Mark.js";
import { NameForm } from "./NameForm.js";
import { Tifo } from "./Tifo.js";
import "./gate.css";

interface GateProps {
  /** The guest comes back from a session that the server no longer accepts. */
  wasRefused: boolean;
  onEnter: (name: string) => Promise<void>;
}

/** What a visitor without a session sees: the stand, and the form that gives them a seat in it. */
export function Gate({ wasRefused, onEnter }: GateProps) {
  return (
    <div className="gate">
      <div className="gate-stand">
        <Tifo className="tifo-wide" lines={["GRANDSTAND"]} rows={19} columns={79} />
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
            Ten seconds under the floodlights, one live board. Your score lands beside everyone else's the
            moment the whistle goes.
          </p>
        </div>
        <NameForm wasRefused={wasRefused} onEnter={onEnter} />
      </main>
    </div>
  );
}
