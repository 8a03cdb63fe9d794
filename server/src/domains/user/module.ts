import type { Identity } from "../../auth/identity.js";
import type { DomainDependencies } from "../shared/dependencies.js";
import type { UserDataDomain } from "../shared/erasure.js";
import type { DomainModule } from "../shared/module.js";
import { Erasures } from "./erasures.js";
import { userEventReaders } from "./event-readers.js";
import { userSource } from "./feed.js";
import { userHandlers } from "./handlers.js";
import { eraseRecord, exportRecord } from "./user-data.js";

export interface UserModule extends DomainModule<"user"> {
  /** Carries out an erasure that was scheduled. */
  runErasure(user: string): Promise<void>;
}

/** @param others the other domains that store data about users */
export function userModule(
  dependencies: DomainDependencies,
  identity: Identity,
  others: Record<string, UserDataDomain>,
): UserModule {
  const own: UserDataDomain = {
    eraseUser: async (user) => {
      await identity.revocations.pseudonymize(user);
      const profiles = await dependencies.profiles.erase(user);
      return { ...(await eraseRecord(dependencies, user)), profiles };
    },
    exportUser: async (user) => {
      const [stored, record] = await Promise.all([
        dependencies.profiles.stored(user),
        exportRecord(dependencies, user),
      ]);
      const lines = stored === null ? [] : [{ kind: "profile", ...stored }];
      return { ...record, lines: [...lines, ...record.lines] };
    },
  };
  // The user's own record is erased last, because other domains find the user's rooms in it.
  const domains = { ...others, user: own };
  const erasures = new Erasures(dependencies, domains);
  return {
    ...own,
    operations: userHandlers(dependencies, identity, erasures, domains),
    channelSource: userSource(dependencies),
    eventReaders: userEventReaders,
    runErasure: (user) => erasures.run(user),
  };
}
