import { run } from "./process/run.js";

// Runs whatever program loads this file: process managers such as PM2 import it from a file of their own.
run().catch((error: unknown) => {
  // Settings, ports and Redis are for the reader to correct: the message suffices without a stack.
  const isDebugging = /^(debug|trace)$/.test(process.env.LOG_LEVEL ?? "");
  console.error(isDebugging || !(error instanceof Error) ? error : error.message);
  process.exit(1);
});
