import { defineConfig } from "vitest/config";
import { unitTests } from "./scripts/lib/unit-tests.mjs";

/** `npm run test:unit`: the tests that need no Redis, no sockets and no browser. */
export default defineConfig({
  resolve: { conditions: ["@grandstand/source"] },
  ssr: { resolve: { conditions: ["@grandstand/source"] } },
  // One worker loads each module once: these tests share no state.
  test: { include: unitTests(), pool: "threads", isolate: false },
});
