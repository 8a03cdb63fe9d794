import { describe, expect, it } from "vitest";
import { chatOperations } from "./chat.js";

const invisible = {
  "zero-width spaces": "\u200b\u200b",
  "a Hangul filler": "\u3164",
  "a braille blank": "\u2800",
  "a right-to-left override": "\u202e",
  "a soft hyphen and a variation selector": "\u00ad\ufe0f",
  "no-break and ideographic spaces": "\u00a0\u3000",
  "tag characters": "\u{e0041}\u{e007f}",
};

describe.each(["chat.send", "chat.edit"] as const)("CT7: the text of %s", (operation) => {
  const message = operation === "chat.send" ? { room: "lobby" } : { room: "lobby", offset: 1 };
  const send = (text: string) => chatOperations[operation].input.safeParse({ ...message, text });

  it.each(Object.entries(invisible))("can't be only %s", (_, text) => {
    const { error } = send(text);
    expect(error?.issues).toMatchObject([{ path: ["text"] }]);
    expect(error?.issues[0]?.message).toMatch(/must (have a visible character|not be blank)/);
  });

  it.each(Object.entries(invisible))("keeps %s beside a visible character", (_, text) => {
    expect(send(`${text}a${text}`).data?.text).toBe(`${text}a${text}`);
  });

  it.each(["👍", "👩‍👩‍👧", "שלום\u200f", "नमस्ते", "…", "\u0301"])("may be %s", (text) => {
    expect(send(text).success).toBe(true);
  });
});
