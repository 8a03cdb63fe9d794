import { columnCount, seatCount } from "./rules.js";

/**
 * The stand lies on the keyboard: its four rows are the four rows of keys, the first seven of each. They
 * are places, not letters (`KeyboardEvent.code`), so the stand has the same shape on every layout.
 */
const codes = [
  ["Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7"],
  ["KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyY", "KeyU"],
  ["KeyA", "KeyS", "KeyD", "KeyF", "KeyG", "KeyH", "KeyJ"],
  ["KeyZ", "KeyX", "KeyC", "KeyV", "KeyB", "KeyN", "KeyM"],
].flat();

/** The key of a seat, as a `KeyboardEvent.code`. */
export function codeOf(seat: number): string {
  return codes[seat] as string;
}

/** The seat under a key; null when there is none. */
export function seatOfCode(code: string): number | null {
  const seat = codes.indexOf(code);
  return seat < 0 ? null : seat;
}

/** What the key of a seat says on the layout that the code is named after. */
export function usLabelOf(seat: number): string {
  return codeOf(seat).replace(/^(Digit|Key)/, "");
}

/** The seat that an arrow leads to; the same seat at the edge, null for any other key. */
export function seatBeside(seat: number, key: string): number | null {
  const column = seat % columnCount;
  switch (key) {
    case "ArrowLeft":
      return column === 0 ? seat : seat - 1;
    case "ArrowRight":
      return column === columnCount - 1 ? seat : seat + 1;
    case "ArrowUp":
      return seat < columnCount ? seat : seat - columnCount;
    case "ArrowDown":
      return seat + columnCount >= seatCount ? seat : seat + columnCount;
    default:
      return null;
  }
}
