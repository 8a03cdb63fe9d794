import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

/** The gate (the page on which a visitor enters a name) links to the repository that package.json names. */
const { repository = "" } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const node = "http://127.0.0.1:8080";

/** What the HTML heads of the demo and of the console have in common. */
const commonHead: Plugin = {
  name: "common-head",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { name: "color-scheme", content: "light dark" } },
    themeColor("light", "#eceae3"),
    themeColor("dark", "#0a0c13"),
    { tag: "link", attrs: { rel: "icon", type: "image/svg+xml", href: "/favicon.svg" } },
  ],
};

function themeColor(scheme: "light" | "dark", content: string) {
  return { tag: "meta", attrs: { name: "theme-color", media: `(prefers-color-scheme: ${scheme})`, content } };
}

export default defineConfig({
  plugins: [react(), commonHead],
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
