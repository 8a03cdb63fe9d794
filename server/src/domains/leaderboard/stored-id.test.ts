import { memberId } from "@grandstand/shared/ids";
import fc from "fast-check";
import { expect, it } from "vitest";
import { idOf, storedId } from "./stored-id.js";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const id = fc.oneof(
  fc.string({ unit: fc.constantFrom(...BASE64URL), minLength: 1, maxLength: 40 }),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("A", "-", "_", ".", "é", "="), minLength: 1, maxLength: 9 }),
);

it("decodes an id from its stored bytes, also in the middle of a buffer", () => {
  fc.assert(
    fc.property(id, (id) => {
      const stored = storedId(id);
      expect(idOf(stored)).toBe(id);
      const within = Buffer.concat([Buffer.from("before"), stored, Buffer.from("after")]);
      expect(idOf(within, 6, 6 + stored.length)).toBe(id);
    }),
  );
});

it("encodes different ids differently, and no id begins with the first byte of a long entry's prefix", () => {
  fc.assert(
    fc.property(id, id, (one, other) => {
      fc.pre(memberId.safeParse(one).success && memberId.safeParse(other).success);
      expect(storedId(one).equals(storedId(other))).toBe(one === other);
      expect(storedId(one)[0]).not.toBe(1);
    }),
  );
});

it("takes 13 bytes for 16 characters of the base64url alphabet, and 16 bytes if one of them is a dot", () => {
  expect(storedId("player-000000001")).toHaveLength(13);
  expect(storedId("player.000000001")).toHaveLength(16);
});
