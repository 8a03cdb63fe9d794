import type { GuestSession } from "../session/guest-session.js";
import { ConnectionBadge } from "./ConnectionBadge.js";
import { Mark } from "./Mark.js";
import { Scarf } from "./Scarf.js";
import "./header.css";

interface HeaderProps {
  user: GuestSession["user"];
  onLeave: () => void;
}

export function Header({ user, onLeave }: HeaderProps) {
  return (
    <header className="header">
      <h1 className="wordmark">
        <Mark />
        Grandstand
      </h1>
      <ConnectionBadge />
      <div className="whoami">
        <Scarf member={user.id} />
        <span className="whoami-name">
          <span className="visually-hidden">You play as </span>
          {user.name ?? user.id}
        </span>
        <button type="button" className="quiet-button" onClick={onLeave}>
          Leave
        </button>
      </div>
    </header>
  );
}
