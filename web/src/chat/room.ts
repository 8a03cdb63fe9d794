/** The demo's chat room. A terrace is the part of a stadium where supporters stand. */
export const terrace = "terrace";

/** The emoji that the message menu offers. */
export const quickEmoji = ["😂", "😍", "😱", "❤️"];
