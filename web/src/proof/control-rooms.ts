/**
 * A room whose members are the nodes of the demo, and Redis if it may be paused.
 * scripts/lib/demo-controls.mjs adds them.
 */
export const nodesRoom = "demo:nodes";

/** A room whose messages are commands for the process that started the demo. That process replies to each command. */
export const controlsRoom = "demo:controls";
