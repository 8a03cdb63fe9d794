import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { chatSource } from "./feed.js";
import { chatHandlers } from "./handlers.js";

export function chatModule(dependencies: DomainDependencies): DomainModule<"chat"> {
  const { roomAccessChanges, log } = dependencies;
  return {
    operations: chatHandlers(dependencies, (room, user) => roomAccessChanges.tell(room, user)),
    channelSource: chatSource(dependencies, log),
  };
}
