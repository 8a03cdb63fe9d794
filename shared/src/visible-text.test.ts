import { expect, it } from "vitest";
import { displayName, memberId } from "./ids.js";
import { newUser, profile } from "./user.js";
import { hasSafeDirection, hasVisibleText } from "./visible-text.js";

const invisible = [
  " ",
  "\u200b",
  "\u200b\u200c\u2060",
  "\u3164",
  "\u115f\u1160",
  "\uffa0",
  "\u2800",
  "\u00ad",
  "\ufeff",
  "\u2028",
  "\u00a0",
  "\ufe0f",
  "\u{e0041}",
  "\u034f",
  "\u180e",
  "\u200e\u200f",
  "\u061c",
];
const visible = [
  "a",
  "\u200ba",
  "🎯",
  "👩‍👩‍👧‍👦",
  "نام",
  "\u200fשם",
  "e\u0301",
  "\u{10ffff}",
  "-",
  "がくもん",
];
const bidi = ["\u202eevil", "a\u202ab\u202c", "\u2066a\u2069", "x\u202d", "\u2067\u2068"];

it.each(invisible)("%j has no visible character, and is refused as a name and as an id", (text) => {
  expect(hasVisibleText(text)).toBe(false);
  expect(hasVisibleText(`${text}a`)).toBe(true);
  expect(memberId.safeParse(text).success).toBe(false);
  expect(displayName.safeParse(text).success).toBe(false);
  expect(profile.safeParse({ name: text, avatar: null }).success).toBe(false);
  expect(newUser.safeParse({ id: "ann", name: text }).success).toBe(false);
});

it.each(visible)("%j is accepted as a name and as an id", (text) => {
  expect(memberId.parse(text)).toBe(text);
  expect(displayName.parse(text)).toBe(text);
  expect(profile.parse({ name: text, avatar: null }).name).toBe(text);
});

it.each(bidi)("%j can reorder the text around it, and is refused as a name and as an id", (text) => {
  expect(hasSafeDirection(text)).toBe(false);
  for (const schema of [memberId, displayName, newUser.shape.name]) {
    expect(schema.safeParse(text).error?.issues).toContainEqual(
      expect.objectContaining({ message: "must not have characters that change the direction of text" }),
    );
  }
});
