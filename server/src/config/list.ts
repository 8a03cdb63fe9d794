import { z } from "zod";

/** `a,b, c` as a list; empty parts are dropped. */
export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
