import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { counterSource } from "./feed.js";
import { counterHandlers } from "./handlers.js";

export function counterModule({
  redis,
  keys,
  publishCommand,
  log,
}: DomainDependencies): DomainModule<"counter"> {
  return {
    operations: counterHandlers(redis, keys, publishCommand, log),
    channelSource: counterSource(redis, keys, log),
  };
}
