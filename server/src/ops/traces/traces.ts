import type { Traces } from "../../observer/tracer.js";

/**
 * Starts the traces of a node. The OpenTelemetry SDK is loaded only if traces are on.
 * @throws when the optional packages of the SDK are not installed
 */
export async function startTraces(isOn: boolean, node: { nodeId: string; version: string }): Promise<Traces> {
  if (!isOn) return { tracer: undefined, close: async () => {} };
  const { startSdk } = await import("./sdk.js").catch((error: unknown) => {
    throw new Error(
      "GRANDSTAND_TRACES is on, but the packages of OpenTelemetry can't be loaded: install the optional dependencies",
      { cause: error },
    );
  });
  return startSdk(node);
}
