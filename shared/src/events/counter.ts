import { z } from "zod";

/** A counter has no parts to choose from. */
export const counterView = z
  .strictObject({})
  .meta({ id: "CounterView", description: "A counter has no parts to choose from." });

/** The state that a subscription begins with. */
export const counterSnapshot = z
  .object({
    value: z.int().describe("The value."),
    crossed: z
      .array(z.int())
      .describe("The thresholds that were crossed since the counter was last set or reset."),
  })
  .meta({ id: "CounterSnapshot", description: "The state of a counter." });

export const counterEvents = {
  /** The counter has another value. States between two of these are skipped, the last one always comes. */
  "counter.updated": z.object({ value: z.int().describe("The new value.") }),
  /** The counter came to or past a threshold; `value` is the one that it did so with. */
  "counter.threshold": z.object({
    threshold: z.int().describe("The threshold that was reached or passed."),
    value: z.int().describe("The value that reached or passed it."),
  }),
};

export type CounterSnapshot = z.infer<typeof counterSnapshot>;
export type CounterUpdated = z.infer<(typeof counterEvents)["counter.updated"]>;
export type CounterThreshold = z.infer<(typeof counterEvents)["counter.threshold"]>;
