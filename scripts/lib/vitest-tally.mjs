import { promisify } from "node:util";

/**
 * A vitest reporter that sends the process which forked vitest how many tests passed and failed. A file, a
 * hook or a stray promise that failed without any test being to blame counts as one failed test.
 */
export default class VitestTally {
  async onTestRunEnd(modules, strayErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    const inState = (state) => tests.filter((test) => test.result().state === state).length;
    const outsideTests = suites.filter((suite) => suite.errors().length > 0).length + strayErrors.length;

    // Vitest exits right after this, so it waits until the message is out.
    await promisify(process.send.bind(process))({
      passed: inState("passed"),
      failed: inState("failed") + outsideTests,
    });
  }
}
