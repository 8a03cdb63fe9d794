import { z } from "zod";

/**
 * The flag that lets a regular expression match emoji of several characters. The compile target does not allow the
 * flag in a literal.
 */
const SETS = "v";
/** One emoji of the set that Unicode recommends for interchange (RGI). */
const recommended = new RegExp(String.raw`^\p{RGI_Emoji}$`, SETS);
const VARIATION_SELECTOR = "\uFE0F";

/** Adds the variation selector that some keyboards omit. The selector only requests the display in color. */
function inFull(text: string): string {
  const full = text + VARIATION_SELECTOR;
  return !recommended.test(text) && recommended.test(full) ? full : text;
}

/** One emoji. It is normalized to its full form. */
export const emoji = z
  .string()
  .max(64)
  .overwrite(inFull)
  .refine((text) => recommended.test(text), "must be one emoji")
  .meta({ id: "Emoji", description: "One emoji." });
