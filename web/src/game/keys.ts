import { columnCount, seatCount } from "./rules.js";

/**
 * The keys of the seats: the first seven keys of each of the keyboard's four rows. A `KeyboardEvent.code`
 * names a physical key, so the keys are arranged like the seats on every keyboard layout.
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

/** The label of a seat's key on a US keyboard. `KeyboardEvent.code` names keys by these labels. */
export function usLabelOf(seat: number): string {
  return codeOf(seat).replace(/^(Digit|Key)/, "");
}

/** The neighbour of a seat in the direction of an arrow key; the seat itself at the edge, null for other keys. */
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
