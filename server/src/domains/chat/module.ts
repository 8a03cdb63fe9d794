import type { DomainModule } from "../shared/module.js";
import { chatSource } from "./feed.js";
import { chatHandlers } from "./handlers.js";
import type { ChatDependencies } from "./store.js";

export function chatModule(dependencies: ChatDependencies): DomainModule<"chat"> {
  return { operations: chatHandlers(dependencies), channelSource: chatSource(dependencies) };
}
