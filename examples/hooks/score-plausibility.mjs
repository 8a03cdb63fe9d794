/** The highest score that one second of play can give. */
const POINTS_PER_SECOND = 100;

/** Refuses scores that are higher than the time of play allows. The game sends that time with the score. */
export const scorePlausibility = {
  "leaderboard.submit": ({ input }) => {
    const seconds = Number(input.metadata?.playedSeconds ?? 0);
    if (input.score <= seconds * POINTS_PER_SECOND) return undefined;
    return { refuse: "The score is not plausible for the time of play", code: "bad_request" };
  },
};
