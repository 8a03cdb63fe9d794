import type { EventReaders } from "../shared/queued-event.js";

export const counterEventReaders: EventReaders = {
  "counter.threshold": {
    async read({ source, values: [threshold, value] }) {
      return { counter: source.id, threshold: Number(threshold), value: Number(value) };
    },
    users: () => [],
  },
};
