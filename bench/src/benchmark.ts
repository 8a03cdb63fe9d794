import type { Finding } from "./finding.js";
import type { Children } from "./processes/children.js";
import type { Profiles } from "./profile/profiles.js";

export interface RunOptions {
  children: Children;
  /** Fewer rounds and less load: shows that a benchmark works, but its numbers mean nothing. */
  isQuick: boolean;
  /** The number of members of the largest board; null for the benchmark's default. */
  members: number | null;
  /** A limit on the rounds of each comparison. `Infinity` sets no limit: each benchmark runs its own number of rounds. */
  maxRounds: number;
  /** Collects CPU profiles of the nodes and of their Redis; null in a run whose figures count. */
  profiles: Profiles | null;
  /** A folder for temporary files, removed at the end. */
  scratchDir: string;
  /** Prints a line on the progress. */
  progress(line: string): void;
}

/** One measurement. It starts its processes through `children`, which stops them all afterwards. */
export interface Benchmark {
  name: string;
  /** The ids of the budgets that it checks. */
  ids: string[];
  summary: string;
  run(options: RunOptions): Promise<Finding[]>;
}
