import fc from "fast-check";
import { expect, it } from "vitest";
import { motionsOf } from "./row-motion.js";

const rowPx = 54;
const places = (...members: string[]) => new Map(members.map((member, index) => [member, index * rowPx]));

it("moves the rows that changed places, and no others", () => {
  expect(motionsOf(places("a", "b", "c", "d"), places("c", "a", "b", "d"))).toEqual([
    { kind: "move", member: "c", distancePx: 2 * rowPx },
    { kind: "move", member: "a", distancePx: -rowPx },
    { kind: "move", member: "b", distancePx: -rowPx },
  ]);
});

it("fades in new rows, except the first rows of an empty list", () => {
  expect(motionsOf(places("a"), places("a", "b"))).toEqual([{ kind: "appear", member: "b" }]);
  expect(motionsOf(places(), places("a", "b"))).toEqual([]);
});

it("starts the motion of every row at its previous place", () => {
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
