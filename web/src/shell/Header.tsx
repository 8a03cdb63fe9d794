import { useName } from "../names/Names.js";
import type { GuestSession } from "../session/guest-session.js";
import { ConnectionBadge } from "./ConnectionBadge.js";
import { Mark } from "./Mark.js";
import { Scarf } from "./Scarf.js";
import "./header.css";

interface HeaderProps {
  user: GuestSession["user"];
  onLeave: () => void;
}

export function Header({ user: { id, name }, onLeave }: HeaderProps) {
  const nameOf = useName();
  return (
    <header className="header">
      <h1 className="wordmark">
        <Mark />
        Grandstand
      </h1>
      <ConnectionBadge />
      <div className="whoami">
        <Scarf member={id} />
        <span className="whoami-name">
          <span className="visually-hidden">You play as </span>
          {nameOf(name === null ? null : { name, avatar: null }, id)}
        </span>
        <button type="button" className="quiet-button" onClick={onLeave}>
          Leave
        </button>
      </div>
    </header>
  );
}
