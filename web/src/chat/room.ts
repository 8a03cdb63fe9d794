/** The room that the demo talks in. */
export const terrace = "terrace";

/** What a click reacts with. */
export const quickEmoji = ["😂", "😍", "😱", "❤️"];
