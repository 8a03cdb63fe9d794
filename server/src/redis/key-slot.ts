import { createRequire } from "node:module";

/** The slot of a key or topic (pub/sub channel) in a Cluster. The package has no types. */
export const keySlot = createRequire(import.meta.url)("cluster-key-slot") as (key: string | Buffer) => number;
