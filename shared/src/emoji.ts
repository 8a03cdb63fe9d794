import { z } from "zod";

/** With this flag expressions know emoji of several characters. It is newer than the language that we compile to. */
const SETS = "v";
/** One emoji as Unicode recommends it for exchange. */
const recommended = new RegExp(String.raw`^\p{RGI_Emoji}$`, SETS);
const VARIATION_SELECTOR = "\uFE0F";

/** Keyboards may leave the variation selector out, which only says that an emoji is shown in colour. */
function inFull(text: string): string {
  const full = text + VARIATION_SELECTOR;
  return !recommended.test(text) && recommended.test(full) ? full : text;
}

/** One emoji. It is told apart by its full form, whether that was sent or not. */
export const emoji = z
  .string()
  .max(64)
  .overwrite(inFull)
  .refine((text) => recommended.test(text), "must be one emoji")
  .meta({ id: "Emoji", description: "One emoji." });
