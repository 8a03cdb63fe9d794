import fc from "fast-check";
import { expect, it } from "vitest";
import { fitsPattern } from "./channel-pattern.js";

it.each([
  ["chat:lobby", "chat:lobby", true],
  ["chat:lobby", "chat:lobby2", false],
  ["chat:lobby", "xchat:lobby", false],
  ["chat:Lobby", "chat:lobby", false],
  ["*", "chat:lobby", true],
  ["*", "", true],
  ["", "chat:lobby", false],
  ["chat:*", "chat:lobby", true],
  ["chat:*", "chat:", true],
  ["chat:*", "counter:chat:lobby", false],
  ["*:lobby", "chat:lobby", true],
  ["*:lobby", "chat:lobby:lobby", true],
  ["chat:*-red", "chat:team-red", true],
  ["chat:*-red", "chat:team-red-2", false],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["chat:*a*b*", "chat:xaxbx", true],
  ["chat:*a*b*", "chat:xbxax", false],
  ["*ab*ab", "abab", true],
  ["*ab*ab", "ab", false],
  ["**", "x", true],
  // Only `*` has a special meaning.
  ["chat:lobb.", "chat:lobby", false],
  ["chat:.*", "chat:lobby", false],
  ["chat:(a|b)", "chat:a", false],
  ["chat:[a-z]", "chat:a", false],
  ["chat:?", "chat:a", false],
  ["chat:\\*", "chat:lobby", false],
])("AU1: fitsPattern(%j, %j) is %s", (pattern, channel, matches) => {
  expect(fitsPattern(pattern, channel)).toBe(matches);
});

/** Reference implementation: a star matches nothing, or one character followed by the star again. */
function matchesByDefinition(pattern: string, channel: string): boolean {
  if (pattern === "") return channel === "";
  if (pattern[0] !== "*")
    return channel[0] === pattern[0] && matchesByDefinition(pattern.slice(1), channel.slice(1));
  return (
    matchesByDefinition(pattern.slice(1), channel) ||
    (channel !== "" && matchesByDefinition(pattern, channel.slice(1)))
  );
}

it("AU1: patterns match as the reference implementation does", () => {
  const text = (letters: string[], maxLength: number) =>
    fc.array(fc.constantFrom(...letters), { maxLength }).map((all) => all.join(""));
  fc.assert(
    fc.property(text(["a", "b", "*"], 7), text(["a", "b"], 9), (pattern, channel) => {
      expect(fitsPattern(pattern, channel)).toBe(matchesByDefinition(pattern, channel));
    }),
    { numRuns: 2_000 },
  );
});

it("AU1: a pattern with 101 stars is matched 1,000 times within 5 s", () => {
  const began = performance.now();
  for (let round = 0; round < 1_000; round += 1) {
    expect(fitsPattern(`${"*a".repeat(100)}*b`, "a".repeat(200))).toBe(false);
  }
  expect(performance.now() - began).toBeLessThan(5_000);
});
