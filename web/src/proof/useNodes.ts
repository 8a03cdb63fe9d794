import type { PresenceMember } from "@grandstand/sdk";
import { usePresence } from "@grandstand/sdk/react";
import { nodesRoom } from "./control-rooms.js";

export interface DemoNode {
  nodeId: string;
  /** The demo numbers its nodes from 1, as it finds them. A node that replaces a killed one gets a new number. */
  number: number;
  pid: number;
}

export interface DemoNodes {
  /** The nodes, sorted by number. Empty on a server that is not a demo. */
  nodes: readonly DemoNode[];
  canPauseRedis: boolean;
}

/** The nodes that the visitor may kill. */
export function useNodes(): DemoNodes {
  const { members } = usePresence(nodesRoom, { enter: false });
  const nodes = members.flatMap(nodeOf).toSorted((one, other) => one.number - other.number);
  return { nodes, canPauseRedis: members.some(({ user }) => user === "redis") };
}

function nodeOf({ user, state }: PresenceMember): DemoNode[] {
  const { number, pid } = state ?? {};
  return typeof number === "number" && typeof pid === "number" ? [{ nodeId: user, number, pid }] : [];
}
