/** The board that the demo plays on. */
export const arcadeBoard = "arcade";
