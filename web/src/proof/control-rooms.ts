/**
 * The members of this room are the processes that visitors may control: the nodes of the demo, and Redis if the demo may
 * pause it. scripts/lib/demo-controls.mjs adds the members.
 */
export const nodesRoom = "demo:nodes";

/** A room whose messages are commands for the process that started the demo. That process replies to each command. */
export const controlsRoom = "demo:controls";
