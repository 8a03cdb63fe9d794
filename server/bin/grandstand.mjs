#!/usr/bin/env node
import { existsSync } from "node:fs";

// npm links this file when it installs, which is before the build.
const built = new URL("../dist/command/main.js", import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  console.error("grandstand: not built yet. Run `npm run build` first.");
  process.exitCode = 1;
}
