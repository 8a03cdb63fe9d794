import { useConnection, usePresence } from "@grandstand/sdk/react";
import { terrace } from "../chat/room.js";
import { CROWD_LIMIT } from "../presence/useCrowd.js";
import { Panel } from "../shell/Panel.js";
import { LastAct } from "./LastAct.js";
import { NodeCard } from "./NodeCard.js";
import { RedisCard } from "./RedisCard.js";
import { TrialResult } from "./TrialResult.js";
import { deadNodeOf, useExperiment } from "./useExperiment.js";
import { useNodes } from "./useNodes.js";
import "./proof.css";

/**
 * The nodes behind this page, with buttons that break them. Only a demo that `npm start` started has this
 * section.
 */
export function Proof() {
  const { nodes, canPauseRedis } = useNodes();
  const { members } = usePresence(terrace, { enter: false, limit: CROWD_LIMIT });
  const { welcome } = useConnection();
  const { trial, isRunning, killNode, pauseRedis } = useExperiment(nodes);
  if (nodes.length === 0) return null;
  const canKill = nodes.length > 1;
  const dead = deadNodeOf(trial, nodes);
  return (
    <Panel title="Break it" className="proof" aside={<LastAct />}>
      <p className="proof-lead">
        {canKill
          ? `${nodes.length} nodes serve this page, over one Redis. Kill yours: you move to another one, and no message gets lost.`
          : "One node serves this page. Start the demo with several, and you can kill the one that serves you: npm start -- --nodes 3"}
      </p>
      <div className="proof-stage">
        <ul className="proof-nodes" aria-label="Nodes">
          {nodes.map((node) => (
            <NodeCard
              key={node.nodeId}
              node={node}
              people={members.filter(({ state }) => state?.node === node.nodeId)}
              isOwn={node.nodeId === welcome?.nodeId}
              onKill={canKill ? () => void killNode(node) : null}
              isBusy={isRunning}
            />
          ))}
          {dead && <NodeCard key={dead.nodeId} node={dead} people={[]} isOwn={false} isDead />}
          {canPauseRedis && (
            <RedisCard
              isPaused={trial?.victim === null && trial.step === "breaking"}
              isBusy={isRunning}
              onPause={() => void pauseRedis()}
            />
          )}
        </ul>
        <TrialResult trial={trial} nodes={nodes} />
      </div>
    </Panel>
  );
}
