import { formatNumber } from "../shell/number-format.js";
import type { Report } from "./experiment.js";
import type { Trial } from "./useExperiment.js";
import type { DemoNode } from "./useNodes.js";

/** What the page says about an experiment. */
export function trialText(trial: Trial, nodes: readonly DemoNode[]): string {
  const { victim } = trial;
  switch (trial.step) {
    case "counting":
      return "Counting the messages of the chat.";
    case "breaking":
      return victim
        ? `Killing node ${victim.number} and moving to another one.`
        : "Redis answers nobody for three seconds. Write in the chat meanwhile: it goes out afterwards.";
    case "checking":
      return "Counting the messages again.";
    case "failed":
      return trial.reason;
    case "done":
      return `${victim ? moved(victim, trial.report, nodes) : redisCameBack(trial.report)} ${written(trial.report)}`;
  }
}

function moved(victim: DemoNode, { nodeId, awayMs }: Report, nodes: readonly DemoNode[]): string {
  const next = nodes.find((node) => node.nodeId === nodeId);
  return `Node ${victim.number} was killed. ${next ? `Node ${next.number}` : "Another node"} served you ${seconds(awayMs)} later.`;
}

function redisCameBack({ awayMs }: Report): string {
  const connection =
    awayMs === 0 ? "Your connection stayed open." : `Your connection was back after ${seconds(awayMs)}.`;
  return `Redis answered nobody for 3 s. ${connection}`;
}

function written({ before, after }: Report): string {
  const count = after - before;
  if (count <= 0) return "Nobody wrote meanwhile.";
  return count === 1
    ? "1 message was written meanwhile."
    : `${formatNumber(count)} messages were written meanwhile.`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
