import type { Identity } from "../../auth/identity.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { DomainModule } from "../shared/module.js";
import { userSource } from "./feed.js";
import { userHandlers } from "./handlers.js";

export function userModule(dependencies: DomainDependencies, identity: Identity): DomainModule<"user"> {
  return {
    operations: userHandlers(dependencies, identity),
    channelSource: userSource(dependencies),
  };
}
