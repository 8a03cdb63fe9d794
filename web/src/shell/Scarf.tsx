import { scarfOf } from "./scarf-colours.js";
import "./scarf.css";

/** A player's supporter scarf: a small mark in two colours that tells players apart. */
export function Scarf({ member }: { member: string }) {
  const { pattern, style } = scarfOf(member);
  return <span className="scarf" data-pattern={pattern} style={style} aria-hidden="true" />;
}
