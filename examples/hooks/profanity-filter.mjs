/** Words that are not shown. A real list is longer, and has one part for each language. */
const words = ["darn", "heck"];
const pattern = new RegExp(`\\b(${words.join("|")})\\b`, "giu");

/** Replaces the letters of these words. The server asks the hook `chat.send` about new messages and about edits. */
export const profanityFilter = {
  "chat.send": ({ input }) => {
    const text = input.text.replace(pattern, (word) => "*".repeat(word.length));
    return text === input.text ? undefined : { input: { text } };
  },
};
