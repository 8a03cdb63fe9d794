import type { CSSProperties } from "react";
import { hashOf } from "./hash.js";

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

/** The pattern and colours of a player's scarf. They depend on the id, so players of the same name usually look different. */
export function scarfOf(member: string): { pattern: number; style: CSSProperties } {
  const hash = hashOf(member);
  const main = hash % colours.length;
  const stripe = (main + 1 + (Math.floor(hash / colours.length) % (colours.length - 1))) % colours.length;
  const style = { "--scarf-main": colours[main], "--scarf-stripe": colours[stripe] } as CSSProperties;
  return { pattern: Math.floor(hash / 97) % 3, style };
}
