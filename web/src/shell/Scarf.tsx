import type { CSSProperties } from "react";
import "./scarf.css";

const colours = [
  "#d8362a",
  "#f4c430",
  "#1f6fd6",
  "#138a5b",
  "#f2f0ea",
  "#7a1f3d",
  "#17203f",
  "#ef7d22",
  "#6fb7e9",
];

/** Every player wears a scarf. Its colours come from the id, so a name that is taken twice is told apart. */
export function Scarf({ member }: { member: string }) {
  const hash = hashOf(member);
  const main = hash % colours.length;
  const stripe = (main + 1 + (Math.floor(hash / colours.length) % (colours.length - 1))) % colours.length;
  const style = { "--scarf-main": colours[main], "--scarf-stripe": colours[stripe] } as CSSProperties;
  return <span className="scarf" data-pattern={Math.floor(hash / 97) % 3} style={style} aria-hidden="true" />;
}

/** FNV-1a over the UTF-16 units. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}
