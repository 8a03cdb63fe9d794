import type { Logger } from "pino";
import type { HookSettings } from "../config/hooks.js";
import { HookGate } from "../hooks/gate.js";
import type { Hooks } from "../hooks/hooks.js";
import { HttpHooks } from "../hooks/http-hooks.js";
import { ProcessHooks } from "../hooks/process-hooks.js";
import type { HookSource } from "../hooks/source.js";
import type { Observer } from "../observer/observer.js";

/**
 * The hooks of a node. Hooks in its process are asked first, then the hooks at the URL of the settings.
 * @returns `gate` is null if there are no hooks. Calls then spend no time on hooks.
 * @throws {TypeError} when an entry of `hooks` is not a hook
 */
export function hookServices(
  hooks: Hooks | undefined,
  settings: HookSettings,
  log: Logger,
  observer: Observer,
): { gate: HookGate | null; close(): void } {
  const sources: HookSource[] = [];
  if (hooks !== undefined) sources.push(new ProcessHooks(hooks));
  const http = settings.url === null ? null : new HttpHooks(settings.url, settings, observer.tracer);
  if (http !== null) sources.push(http);
  const gate = sources.length === 0 ? null : new HookGate(sources, settings.isFailOpen, log, observer);
  return { gate, close: () => http?.close() };
}
