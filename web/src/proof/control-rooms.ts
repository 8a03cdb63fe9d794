/** Each node of the demo is a member of this room; so is a Redis that may be paused. scripts/lib/demo-controls.mjs fills it. */
export const nodesRoom = "demo:nodes";

/** The process that started the demo obeys the messages of this room, and replies to each. */
export const controlsRoom = "demo:controls";
