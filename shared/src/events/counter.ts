import { z } from "zod";

/** The view of a counter has no options. */
export const counterView = z
  .strictObject({})
  .meta({ id: "CounterView", description: "The view of a counter has no options." });

/** The state with which a subscription begins. */
export const counterSnapshot = z
  .object({
    value: z.int().describe("The value."),
    crossed: z
      .array(z.int())
      .describe("The thresholds that were crossed since the counter was last set or reset."),
  })
  .meta({ id: "CounterSnapshot", description: "The state of a counter." });

export const counterEvents = {
  /** The value changed. Values in between may be skipped; the last one is always sent. */
  "counter.updated": z.object({ value: z.int().describe("The new value.") }),
  /** The value reached or passed a threshold. */
  "counter.threshold": z.object({
    threshold: z.int().describe("The threshold that was reached or passed."),
    value: z.int().describe("The value that reached or passed it."),
  }),
};

export type CounterSnapshot = z.infer<typeof counterSnapshot>;
export type CounterUpdated = z.infer<(typeof counterEvents)["counter.updated"]>;
export type CounterThreshold = z.infer<(typeof counterEvents)["counter.threshold"]>;
