import { startNode } from "@grandstand/server";
import { profanityFilter } from "./profanity-filter.mjs";
import { scorePlausibility } from "./score-plausibility.mjs";

const node = await startNode({ hooks: { ...profanityFilter, ...scorePlausibility } });
console.log(`listening at ${node.url}`);
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => node.close());
