import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The slowest test files, the slowest first. */
const slowFiles = [
  "e2e/examples/examples.test.ts",
  "e2e/docs/docs.test.ts",
  "e2e/console.test.ts",
  "e2e/commands.test.ts",
  "e2e/console-explorer.test.ts",
  "e2e/play.test.ts",
  "e2e/connection.test.ts",
  "e2e/page.test.ts",
  "server/test/permissions.test.ts",
  "server/src/domains/leaderboard/leaderboard.model.test.ts",
  "server/test/faults/redis-states.test.ts",
  "server/src/ops/documents.test.ts",
  "server/test/faults/presence-heals.test.ts",
  "server/test/multi-node/presence.test.ts",
  "server/test/verify.test.ts",
  "server/test/main.test.ts",
  "server/test/attacks/fuzz.test.ts",
  "server/test/limits.test.ts",
  "server/test/balancers/rolling-restart.test.ts",
];

/**
 * Starts the slowest files first. Otherwise one worker would still run a slow file when the other workers
 * have finished. Files that share a process run after all other files. In a mixed order, Vitest would end the
 * shared process before each file that needs its own process, and start it again later.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const places = new Map(slowFiles.map((file, index) => [file, index]));
    const placeOf = ({ moduleId }: TestSpecification) =>
      places.get(relative(this.ctx.config.root, moduleId)) ?? slowFiles.length;
    const sharesProcess = ({ project }: TestSpecification) => Number(!project.config.isolate);
    return (await super.sort(files)).sort(
      (a, b) => sharesProcess(a) - sharesProcess(b) || placeOf(a) - placeOf(b),
    );
  }
}
