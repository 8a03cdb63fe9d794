import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

/** The gate links to the repository that package.json names. */
const { repository = "" } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const node = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  define: { "import.meta.env.VITE_SOURCE_URL": JSON.stringify(repository) },
  // Workspace packages are bundled from source, so that an edit in them reloads the page.
  resolve: { conditions: ["@grandstand/source", ...defaultClientConditions] },
  server: {
    port: 5173,
    proxy: {
      "/v1": { target: node, ws: true },
      "/socket.io": { target: node, ws: true },
      "/health": node,
      "/openapi.json": node,
      "/asyncapi.json": node,
    },
  },
  build: {
    outDir: "dist",
    // The page's CSP (`default-src 'self'`) forbids the data: URLs of inlined fonts and images.
    assetsInlineLimit: 0,
    // Two pages: the demo at `/`, the operator's console at `/console`.
    rolldownOptions: { input: ["index.html", "console/index.html"] },
  },
});
