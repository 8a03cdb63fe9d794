import { useClient } from "@grandstand/sdk/react";
import { useCallback, useState } from "react";
import type { Command } from "./command.js";
import { experiment, type Report, type Step } from "./experiment.js";
import type { DemoNode } from "./useNodes.js";

/** The target of an experiment: a node or Redis. */
export interface Target {
  /** The node that was killed; null if Redis was paused. */
  victim: DemoNode | null;
  /** The nodes that were running before the experiment. */
  nodesBefore: readonly DemoNode[];
}

/** The visitor's last experiment, with its state or result. */
export type Trial = Target &
  ({ step: Step } | { step: "done"; report: Report } | { step: "failed"; reason: string });

/** Runs one experiment at a time. @returns the last experiment, and functions that begin the next one */
export function useExperiment(nodes: readonly DemoNode[]) {
  const client = useClient();
  const [trial, setTrial] = useState<Trial | null>(null);

  const run = useCallback(
    async (target: Target, what: Command, text: string) => {
      try {
        const report = await experiment(client, what, text, (step) => setTrial({ ...target, step }));
        setTrial({ ...target, step: "done", report });
      } catch (error) {
        setTrial({
          ...target,
          step: "failed",
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    },
    [client],
  );
  const killNode = (victim: DemoNode) =>
    run(
      { victim, nodesBefore: nodes },
      { do: "killNode", node: victim.nodeId },
      `killed node ${victim.number}`,
    );
  const pauseRedis = () =>
    run({ victim: null, nodesBefore: nodes }, { do: "pauseRedis" }, "paused Redis for three seconds");
  const isRunning = trial !== null && trial.step !== "done" && trial.step !== "failed";
  return { trial, isRunning, killNode, pauseRedis };
}

/** The node that was killed, until a new node has replaced it; otherwise null. */
export function deadNodeOf(trial: Trial | null, nodes: readonly DemoNode[]): DemoNode | null {
  if (!trial?.victim) return null;
  const { victim, nodesBefore } = trial;
  const newest = Math.max(...nodesBefore.map(({ number }) => number));
  const isReplaced = nodes.some(({ number }) => number > newest);
  const isAlive = nodes.some(({ nodeId }) => nodeId === victim.nodeId);
  return isReplaced || isAlive ? null : victim;
}
