import { formatNumber } from "../shell/number-format.js";
import type { AcceptedScore, Submission } from "./useScoreSubmission.js";

export interface ResultText {
  title: string;
  text: string;
}

/** The title and text that the player sees after a round. */
export function resultTextOf(score: number, submission: Submission): ResultText {
  switch (submission.kind) {
    case "none":
      return score === 0
        ? { title: "Nothing scored.", text: "The board stays as it is. The next ten seconds are yours." }
        : { title: "Full time.", text: submitting };
    case "sending":
      return { title: "Full time.", text: submitting };
    case "queued":
      return {
        title: "Full time.",
        text: `You are offline. Your ${formatNumber(submission.score)} is kept, and goes to the board when you are back.`,
      };
    case "refused":
      return { title: "Not on the board.", text: `The score was refused: ${submission.reason}.` };
    case "accepted":
      return acceptedText(submission);
  }
}

const submitting = "Your score is on its way to the board.";

function acceptedText({ score, best, rank, previousRank, improved }: AcceptedScore): ResultText {
  if (!improved) {
    return {
      title: `Still number ${rank}.`,
      text: score === best ? "You matched your best." : `Your best of ${formatNumber(best)} stands.`,
    };
  }
  const climb = previousRank === null ? 0 : previousRank - rank;
  if (previousRank === null) return { title: `Number ${rank}.`, text: "Your first score is on the board." };
  return {
    title: `Number ${rank}.`,
    text: climb > 0 ? `Your new best, and ${places(climb)} up.` : "Your new best.",
  };
}

function places(count: number): string {
  return count === 1 ? "1 place" : `${formatNumber(count)} places`;
}
