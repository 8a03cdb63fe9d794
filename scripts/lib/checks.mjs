import { Failure } from "./failure.mjs";
import { runNode, toolPath } from "./node.mjs";

/**
 * The checks of `npm run check`. `types` checks only tests and configuration files, because every build checks the types
 * of all other code. The two groups can run at the same time. The checks of the second group run one after the other,
 * because `generated` and `package` build the same files.
 */
export const checkGroups = [
  {
    types: tool(toolPath("typescript-7", "tsc"), "-p", "tsconfig.test.json"),
    lint: tool(toolPath("@biomejs/biome", "biome"), "check", "--error-on-warnings"),
    imports: tool(
      toolPath("dependency-cruiser", "depcruise"),
      ...["--config", ".dependency-cruiser.cjs"],
      ...["shared", "sdk", "server", "web", "e2e", "bench"],
    ),
    lua: tool("scripts/lua.mjs"),
  },
  {
    generated: tool("scripts/generate.mjs", "--check"),
    package: tool("scripts/check-sdk.mjs"),
    web: tool("scripts/check-web.mjs"),
  },
];

function tool(...args) {
  return async () => {
    const { succeeded, output } = await runNode(args);
    if (!succeeded) throw new Failure(output.trim());
  };
}
