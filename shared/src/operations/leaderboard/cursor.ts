import { z } from "zod";

/** Where the next page begins: a `nextCursor` of an earlier answer, given back as it came. */
export const pageCursor = z
  .string()
  .min(1)
  .max(2048)
  .meta({ id: "PageCursor", description: "The `nextCursor` of an earlier page." });
