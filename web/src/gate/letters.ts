/** Capital letters, each as seven rows of characters. The page draws each character as a seat; a `#` is a lit seat. */
const letters: Record<string, readonly string[]> = {
  A: [".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"],
  D: ["####.", "#...#", "#...#", "#...#", "#...#", "#...#", "####."],
  G: [".###.", "#...#", "#....", "#.###", "#...#", "#...#", ".###."],
  N: ["#...#", "##..#", "#.#.#", "#.#.#", "#..##", "#...#", "#...#"],
  R: ["####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"],
  S: [".####", "#....", "#....", ".###.", "....#", "....#", "####."],
  T: ["#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."],
};

const letterWidth = 5;
const letterHeight = 7;
const lineGap = 2;

/** Writes `lines` in the middle of a block of seats. Returns the lit seats, each as `row:column`. */
export function spell(lines: readonly string[], rows: number, columns: number): Set<string> {
  const lit = new Set<string>();
  const height = lines.length * (letterHeight + lineGap) - lineGap;
  lines.forEach((line, lineIndex) => {
    const width = line.length * (letterWidth + 1) - 1;
    const top = Math.floor((rows - height) / 2) + lineIndex * (letterHeight + lineGap);
    const start = Math.floor((columns - width) / 2);
    [...line].forEach((letter, letterIndex) => {
      letters[letter]?.forEach((seats, y) => {
        [...seats].forEach((seat, x) => {
          if (seat === "#") lit.add(`${top + y}:${start + letterIndex * (letterWidth + 1) + x}`);
        });
      });
    });
  });
  return lit;
}
