import { scarfOf } from "./scarf-colours.js";
import "./scarf.css";

/** Every player wears a scarf. */
export function Scarf({ member }: { member: string }) {
  const { pattern, style } = scarfOf(member);
  return <span className="scarf" data-pattern={pattern} style={style} aria-hidden="true" />;
}
