import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { counterEventReaders } from "./event-readers.js";
import { counterSource } from "./feed.js";
import { counterHandlers } from "./handlers.js";

export function counterModule(dependencies: DomainDependencies): DomainModule<"counter"> {
  return {
    operations: counterHandlers(dependencies),
    channelSource: counterSource(dependencies),
    eventReaders: counterEventReaders,
  };
}
