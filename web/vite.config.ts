import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

const node = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  // The workspace packages are compiled from their source, so that an edit there shows up here at once.
  resolve: { conditions: ["@grandstand/source", ...defaultClientConditions] },
  server: {
    port: 5173,
    proxy: {
      "/v1": { target: node, ws: true },
      "/socket.io": { target: node, ws: true },
      "/health": node,
      "/openapi.json": node,
    },
  },
  build: {
    outDir: "dist",
    // Inlined fonts and images would be data: URLs, which `default-src 'self'` refuses.
    assetsInlineLimit: 0,
  },
});
