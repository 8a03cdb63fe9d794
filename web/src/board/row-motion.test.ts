import fc from "fast-check";
import { expect, it } from "vitest";
import { motionsOf } from "./row-motion.js";

const rowPx = 54;
const places = (...members: string[]) => new Map(members.map((member, index) => [member, index * rowPx]));

it("moves who changed places, and leaves the others alone", () => {
  expect(motionsOf(places("a", "b", "c", "d"), places("c", "a", "b", "d"))).toEqual([
    { kind: "move", member: "c", distancePx: 2 * rowPx },
    { kind: "move", member: "a", distancePx: -rowPx },
    { kind: "move", member: "b", distancePx: -rowPx },
  ]);
});

it("lets newcomers appear, and the first rows of all just be there", () => {
  expect(motionsOf(places("a"), places("a", "b"))).toEqual([{ kind: "appear", member: "b" }]);
  expect(motionsOf(places(), places("a", "b"))).toEqual([]);
});

it("starts every row where it was seen", () => {
  const members = ["a", "b", "c", "d", "e", "f"];
  const someOrder = fc.shuffledSubarray(members, { minLength: 1 });
  fc.assert(
    fc.property(someOrder, someOrder, (left, right) => {
      const [before, after] = [places(...left), places(...right)];
      const motions = new Map(motionsOf(before, after).map((motion) => [motion.member, motion]));
      for (const [member, to] of after) {
        const motion = motions.get(member);
        const from = motion?.kind === "move" ? to + motion.distancePx : to;
        expect(motion?.kind === "appear" ? undefined : from).toBe(before.get(member));
      }
    }),
  );
});
