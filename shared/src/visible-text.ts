/** Separators, control and format characters, and characters that fonts leave blank, such as the Hangul fillers. */
const onlyInvisible = /^[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u{2800}]*$/u;

/**
 * The direction controls that reorder the text around a name: embeddings, overrides and isolates. The marks U+200E, U+200F
 * and U+061C are allowed, because they reorder no text outside of the name.
 */
const bidiControls = /[\u202a-\u202e\u2066-\u2069]/;

/** Whether a reader sees anything of a text. */
export function hasVisibleText(text: string): boolean {
  return !onlyInvisible.test(text);
}

/** The rule for names and ids that may be empty, or whose length another rule checks. */
export function isEmptyOrVisible(text: string): boolean {
  return text === "" || hasVisibleText(text);
}

/** Whether a text has no characters that reorder the text around it. */
export function hasSafeDirection(text: string): boolean {
  return !bidiControls.test(text);
}

export const visibleTextRule = "must have a visible character";
export const safeDirectionRule = "must not have characters that change the direction of text";
