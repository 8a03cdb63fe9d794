import { promisify } from "node:util";

/**
 * A Vitest reporter that sends the number of passed and failed tests, and the files with failures, to the parent
 * process. A failure outside of a test (in a file, a hook or a promise) counts as one failed test.
 */
export default class VitestTally {
  async onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const inState = (state) => tests.filter((test) => test.result().state === state).length;
    const outsideTests = suites.filter((suite) => suite.errors().length > 0).length + unhandledErrors.length;

    // Vitest exits after this method, so wait until the message is sent.
    await promisify(process.send.bind(process))({
      passed: inState("passed"),
      failed: inState("failed") + outsideTests,
      failedFiles: modules.filter((module) => !module.ok()).map((module) => module.moduleId),
      isInFiles: unhandledErrors.length === 0,
    });
  }
}
