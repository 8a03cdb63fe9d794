import { defineConfig } from "vitest/config";
import { unitTests } from "./scripts/lib/unit-tests.mjs";

/** `npm run test:unit`: the tests that need no Redis, no sockets and no browser. */
export default defineConfig({
  resolve: { conditions: ["@grandstand/source"] },
  ssr: { resolve: { conditions: ["@grandstand/source"] } },
  // These tests keep no state in modules, so all files can share a worker, which loads each module once.
  test: { include: unitTests(), pool: "threads", isolate: false },
});
