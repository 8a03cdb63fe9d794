import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@grandstand/source"] },
  ssr: { resolve: { conditions: ["@grandstand/source"] } },
  test: {
    include: ["{shared,sdk,server,web,bench}/src/**/*.test.{ts,tsx}", "e2e/**/*.test.ts"],
    globalSetup: ["server/src/testing/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
