import { formatScore } from "../board/score-format.js";
import type { Landed, Landing } from "./useLanding.js";

export interface Verdict {
  title: string;
  text: string;
}

/** What the player is told about a finished round. */
export function verdictOf(score: number, landing: Landing): Verdict {
  switch (landing.kind) {
    case "none":
      return score === 0
        ? { title: "Nothing scored.", text: "The board stays as it is. The next ten seconds are yours." }
        : { title: "Full time.", text: onItsWay };
    case "sending":
      return { title: "Full time.", text: onItsWay };
    case "kept":
      return {
        title: "Full time.",
        text: `The connection is away. Your ${formatScore(landing.score)} is kept, and lands when it returns.`,
      };
    case "refused":
      return { title: "Not on the board.", text: `The score was refused: ${landing.reason}.` };
    case "landed":
      return landed(landing);
  }
}

const onItsWay = "Your score is on its way to the board.";

function landed({ score, best, rank, previousRank, improved }: Landed): Verdict {
  if (!improved) {
    return {
      title: `Still number ${rank}.`,
      text: score === best ? "You matched your best." : `Your best of ${formatScore(best)} stands.`,
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
  return count === 1 ? "1 place" : `${formatScore(count)} places`;
}
