/** Who may import whom. `npm run check:imports` holds everyone to it. */

const isTest = String.raw`\.test\.tsx?$|/src/testing/|^server/test/`;
const anyWorkspace = "^(shared|sdk|server|web|e2e|bench)/";

/** What each workspace may import of the others. */
const workspaces = {
  shared: [],
  sdk: ["shared"],
  server: ["shared"],
  web: ["shared", "sdk"],
  bench: ["shared", "sdk"],
};

/**
 * The server's layers, and what each may import of the others. Imports run one way:
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
/** The command `verify` sees a system from outside, as clients do. */
layers["verify/"] = layers["core/"];
/** Parts of node.ts that are wired in files of their own. */
layers["node/"] = Object.keys(layers);
/** These see everything below them. */
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
      comment: "Files that import each other in a circle can't be understood, tested or loaded one by one.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolvable",
      comment: "This import leads nowhere.",
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
      comment: "What ships must not lean on tests or on what they share.",
      severity: "error",
      from: { path: anyWorkspace, pathNot: [isTest, "^e2e/"] },
      to: { path: isTest },
    },
    {
      name: "not-to-dev-dep",
      comment:
        "A production install leaves devDependencies out. Their types are fine: they don't outlive tsc.",
      severity: "error",
      from: { path: "^(shared|server)/src/", pathNot: isTest },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "declared-package",
      comment: "Declare it in the package.json of the workspace that imports it.",
      severity: "error",
      from: { path: "^(shared|sdk|server|web)/src/", pathNot: isTest },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
    {
      name: "shared-needs-zod-only",
      comment: "The contract is read by browsers, servers and tools alike: plain data and zod.",
      severity: "error",
      from: { path: "^shared/src/", pathNot: isTest },
      to: { path: ["node_modules/", "^node:"], pathNot: "node_modules/zod/" },
    },
    {
      name: "no-node-in-browsers",
      comment: "A browser has none of Node's own modules.",
      severity: "error",
      from: { path: "^(shared|sdk|web)/src/", pathNot: isTest },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "sdk-react-in-its-subpath",
      comment: "The SDK's core works without a framework; React is for sdk/src/react.tsx.",
      severity: "error",
      from: { path: "^sdk/src/", pathNot: [isTest, String.raw`^sdk/src/react(/|\.tsx?$)`] },
      to: { path: "node_modules/(@types/)?react/" },
    },
    {
      name: "sdk-packages",
      comment: "Every package that the SDK needs is one more in its users' pages.",
      severity: "error",
      from: { path: "^sdk/src/", pathNot: isTest },
      to: { path: "node_modules/", pathNot: "node_modules/(socket.io-client|(@types/)?react)/" },
    },
    {
      name: "traces-when-on",
      comment:
        "OpenTelemetry is loaded only while traces are on: by ops/traces/sdk.ts, which traces.ts imports late.",
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
      comment: "Give a new part of the server its place among the layers of .dependency-cruiser.cjs.",
      severity: "error",
      from: {},
      to: { path: "^server/src/", pathNot: [isTest, inServer(Object.keys(layers))] },
    },
    {
      name: "domains-apart",
      comment:
        "A domain never imports another one. What they share is in domains/shared or in a lower layer.",
      severity: "error",
      from: { path: "^server/src/domains/([^/]+)/", pathNot: isTest },
      to: { path: "^server/src/domains/", pathNot: "^server/src/domains/($1|shared)/" },
    },
  ],
  options: {
    exclude: { path: String.raw`^(shared|sdk|server|web|e2e|bench)/(dist|\.types|test-results|results)/` },
    doNotFollow: { path: "node_modules" },
    // Type imports couple files as much as others do.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.test.json" },
    enhancedResolveOptions: {
      conditionNames: ["@grandstand/source", "import", "node", "default", "types"],
      exportsFields: ["exports"],
      mainFields: ["module", "main", "types"],
    },
  },
};
