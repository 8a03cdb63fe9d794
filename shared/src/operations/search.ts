import { z } from "zod";

/** The input of a search for things by the beginning of their id. A call returns one page. */
export const searched = (what: string) => ({
  prefix: z
    .string()
    .min(1)
    .max(128)
    .refine((text) => !/\p{Cs}/u.test(text), "must be well-formed Unicode")
    .optional()
    .describe(`Return only ${what} whose id begins with this.`),
  limit: z.int().min(1).max(100).default(50).describe("About how many items a page has."),
  cursor: z.string().min(1).max(256).optional().describe("The `nextCursor` of an earlier page."),
});

export const nextCursor = z
  .string()
  .nullable()
  .describe("The cursor of the next page; null on the last page. A page may be empty and not be the last.");
