import type { Finding } from "./finding.js";
import type { Children } from "./processes/children.js";

export interface RunOptions {
  children: Children;
  /** Fewer rounds and less of everything: shows that a benchmark works, not how fast anything is. */
  isQuick: boolean;
  /** How many members the largest board has; null for as many as the benchmark wants. */
  members: number | null;
  /** A folder that is removed at the end. */
  scratchDir: string;
  /** Says what goes on. */
  progress(line: string): void;
}

/** One measurement. It leaves what it starts to `children`, which ends all of it afterwards. */
export interface Benchmark {
  name: string;
  /** The budgets that it checks. */
  ids: string[];
  summary: string;
  run(options: RunOptions): Promise<Finding[]>;
}
