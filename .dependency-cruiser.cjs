/** Which parts may import which. `npm run check:imports` fails on any other import. */

const isTest = String.raw`\.test\.tsx?$|/src/testing/|^server/test/`;
const anyWorkspace = "^(shared|sdk|server|web|e2e|bench)/";

/** The other workspaces that each workspace may import. */
const workspaces = {
  shared: [],
  sdk: ["shared"],
  server: ["shared"],
  web: ["shared", "sdk"],
  bench: ["shared", "sdk"],
};

/**
 * The layers of the server, and the layers that each may import. Imports run one way:
 * main -> process -> node -> transports -> dispatch -> domains -> live -> authz, auth, limits, profiles -> outbound -> core -> redis -> config, observer.
 * `jobs` and `ops` belong to node.ts: no other layer imports them.
 */
const layers = { "config/": [], "observer/": [] };
layers["redis/"] = ["config/", "observer/"];
layers["core/"] = ["redis/", ...layers["redis/"]];
layers["authz/"] = ["core/", ...layers["core/"]];
layers["auth/"] = ["core/", ...layers["core/"]];
layers["limits/"] = ["core/", ...layers["core/"]];
layers["outbound/"] = ["core/", ...layers["core/"]];
layers["hooks/"] = ["outbound/", ...layers["outbound/"]];
layers["profiles/"] = ["outbound/", ...layers["outbound/"]];
layers["live/"] = ["authz/", "auth/", "limits/", "hooks/", "profiles/", ...layers["hooks/"]];
layers["domains/"] = ["live/", ...layers["live/"]];
layers["jobs/"] = ["domains/", ...layers["domains/"]];
layers["dispatch/"] = ["domains/", ...layers["domains/"]];
layers["transports/"] = ["dispatch/", ...layers["dispatch/"]];
layers["ops/"] = ["transports/", ...layers["transports/"]];
/** The command `verify` tests a system over the network, as a client: it imports no domain and no transport. */
layers["verify/"] = layers["core/"];
/** The composition root is node.ts and this folder. */
layers["node/"] = Object.keys(layers);
/** The entry points may import every layer. */
layers["node.ts"] = Object.keys(layers);
layers["process/"] = Object.keys(layers);
layers["command/"] = Object.keys(layers);
layers["library/"] = Object.keys(layers);
layers["main.ts"] = Object.keys(layers);

const inServer = (names) => `^server/src/(${names.join("|").replaceAll(".", String.raw`\.`)})`;

const workspaceRules = Object.entries(workspaces).map(([name, allowed]) => ({
  name: `workspace-${name}`,
  comment: `${name}/ may import ${allowed.join("/ and ") || "no other workspace"}.`,
  severity: "error",
  from: { path: `^${name}/`, pathNot: isTest },
  to: { path: anyWorkspace, pathNot: `^(${[name, ...allowed].join("|")})/` },
}));

const layerRules = Object.entries(layers).map(([name, allowed]) => ({
  name: `layer-${name.replace(/\.ts$|\/$/, "")}`,
  comment: `server/src/${name} may import ${allowed.join(", ") || "nothing"} of the server.`,
  severity: "error",
  from: { path: inServer([name]), pathNot: isTest },
  to: { path: "^server/src/", pathNot: inServer([name, ...allowed]) },
}));

module.exports = {
  forbidden: [
    {
      name: "no-circle",
      comment: "Files that import each other can't be understood, tested or loaded one by one.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolvable",
      comment: "The imported file or package does not exist.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-orphan",
      comment: "Nothing imports this file. Delete it, or import it where it is used.",
      severity: "error",
      from: { orphan: true, pathNot: [isTest, String.raw`\.d\.ts$`, String.raw`\.config\.ts$`] },
      to: {},
    },
    {
      name: "not-to-test",
      comment: "Code that is shipped must not import tests or their support files.",
      severity: "error",
      from: { path: anyWorkspace, pathNot: [isTest, "^e2e/"] },
      to: { path: isTest },
    },
    {
      name: "not-to-dev-dep",
      comment:
        "A production install has no devDependencies. Importing their types is fine, because tsc removes type imports.",
      severity: "error",
      from: { path: "^(shared|server)/src/", pathNot: isTest },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "declared-package",
      comment: "Declare the package in the package.json of the workspace that imports it.",
      severity: "error",
      from: { path: "^(shared|sdk|server|web)/src/", pathNot: isTest },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
    {
      name: "shared-needs-zod-only",
      comment: "Browsers, servers and tools read the contract, so it is plain data and needs only zod.",
      severity: "error",
      from: { path: "^shared/src/", pathNot: isTest },
      to: { path: ["node_modules/", "^node:"], pathNot: "node_modules/zod/" },
    },
    {
      name: "no-node-in-browsers",
      comment: "These workspaces run in browsers, which have no modules of Node.",
      severity: "error",
      from: { path: "^(shared|sdk|web)/src/", pathNot: isTest },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "sdk-react-in-its-subpath",
      comment: "The SDK works without React. Only sdk/src/react.tsx may import it.",
      severity: "error",
      from: { path: "^sdk/src/", pathNot: [isTest, String.raw`^sdk/src/react(/|\.tsx?$)`] },
      to: { path: "node_modules/(@types/)?react/" },
    },
    {
      name: "sdk-packages",
      comment: "Each package that the SDK imports makes the pages of its users larger.",
      severity: "error",
      from: { path: "^sdk/src/", pathNot: isTest },
      to: { path: "node_modules/", pathNot: "node_modules/(socket.io-client|(@types/)?react)/" },
    },
    {
      name: "traces-when-on",
      comment:
        "OpenTelemetry is loaded only while traces are on: traces.ts then imports ops/traces/sdk.ts dynamically.",
      severity: "error",
      from: { path: "^server/src/", pathNot: [isTest, String.raw`^server/src/ops/traces/sdk\.ts$`] },
      to: { path: "node_modules/@opentelemetry/" },
    },
    {
      name: "traces-late",
      comment: "A static import would load OpenTelemetry at every start.",
      severity: "error",
      from: { path: "^server/src/", pathNot: isTest },
      to: { path: String.raw`^server/src/ops/traces/sdk\.ts$`, dynamic: false },
    },
    ...workspaceRules,
    {
      name: "workspace-e2e",
      comment: "Browser tests use the SDK, and of the server only what starts a node for tests.",
      severity: "error",
      from: { path: "^e2e/" },
      to: { path: anyWorkspace, pathNot: "^(e2e|shared|sdk|server/test/support)/" },
    },
    ...layerRules,
    {
      name: "layer-unknown",
      comment: "Add the new folder of server/src to the layers in .dependency-cruiser.cjs.",
      severity: "error",
      from: {},
      to: { path: "^server/src/", pathNot: [isTest, inServer(Object.keys(layers))] },
    },
    {
      name: "domains-apart",
      comment:
        "A domain never imports another domain. Code for several domains is in domains/shared or in a lower layer.",
      severity: "error",
      from: { path: "^server/src/domains/([^/]+)/", pathNot: isTest },
      to: { path: "^server/src/domains/", pathNot: "^server/src/domains/($1|shared)/" },
    },
  ],
  options: {
    exclude: { path: String.raw`^(shared|sdk|server|web|e2e|bench)/(dist|\.types|test-results|results)/` },
    doNotFollow: { path: "node_modules" },
    // The rules apply to type imports too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.test.json" },
    enhancedResolveOptions: {
      conditionNames: ["@grandstand/source", "import", "node", "default", "types"],
      exportsFields: ["exports"],
      mainFields: ["module", "main", "types"],
    },
  },
};
