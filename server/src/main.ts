import { run } from "./process/run.js";

// Starts even when another file imports this one, because process managers such as PM2 import it.
run().catch((error: unknown) => {
  // The operator can correct wrong settings, a port in use or
  // a missing Redis by the message alone, without a stack.
  const isDebugging = /^(debug|trace)$/.test(process.env.LOG_LEVEL ?? "");
  console.error(isDebugging || !(error instanceof Error) ? error : error.message);
  process.exit(1);
});
