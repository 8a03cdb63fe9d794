/** The package `@grandstand/server` for apps that run a node in their own process. */
export { ConfigError } from "../config/config.js";
export type {
  CallAnswer,
  CallHookName,
  CallQuestion,
  ConnectAnswer,
  ConnectQuestion,
  HookRefusal,
  Hooks,
  HookUser,
} from "../hooks/hooks.js";
export { type FastifyOptions, grandstand } from "./fastify-plugin.js";
export { type Node, type StartOptions, startNode } from "./start-node.js";
