/** What connections are counted by. The key in a scope is a user's id, or the network of an address (`networkOf`). */
export type CountScope = "user" | "network";

/** The connections of the other workers behind the same port. They count as if they were of this node. */
export interface OtherWorkersCounts {
  /** How many connections the other workers have reported. */
  of(scope: CountScope, key: string): number;
  /** Reports to the other workers that this node has one connection more or less. */
  changed(scope: CountScope, key: string, by: 1 | -1): void;
}

/** For a node that does not share its port. */
export const noOtherWorkers: OtherWorkersCounts = { of: () => 0, changed: () => {} };
