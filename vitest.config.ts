import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { SlowFirst } from "./server/test/support/slow-first.js";

export default defineConfig({
  resolve: { conditions: ["@grandstand/source"] },
  ssr: { resolve: { conditions: ["@grandstand/source"] } },
  test: {
    globalSetup: ["server/test/support/global-setup.ts"],
    // By default, Vitest starts one worker less than there are cores. More workers are faster on small machines, because
    // tests mostly wait for other processes.
    maxWorkers: Math.max(5, availableParallelism() - 1),
    sequence: { sequencer: SlowFirst },
    coverage: {
      provider: "v8",
      include: ["{shared,sdk,server,web,bench}/src/**/*.{ts,tsx}"],
      exclude: ["**/*.test.{ts,tsx}", "sdk/src/testing/**"],
      reporter: ["text-summary", "html"],
    },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "packages",
          include: ["{shared,sdk,server,web,bench}/src/**/*.test.{ts,tsx}", "server/test/**/*.test.ts"],
          // Most of these files run for less time than it takes to start a process and load the server, so they share processes.
          isolate: false,
        },
      },
      { extends: true, test: { name: "e2e", include: ["e2e/**/*.test.ts"] } },
    ],
  },
});
