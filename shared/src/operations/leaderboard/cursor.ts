import { z } from "zod";

/** The start of the next page: the unchanged `nextCursor` of an earlier reply. */
export const pageCursor = z
  .string()
  .min(1)
  .max(2048)
  .meta({ id: "PageCursor", description: "The `nextCursor` of an earlier page." });
