import type { Identity } from "../auth/identity.js";
import { type AdminServices, adminModule } from "../domains/admin/module.js";
import { cacheModule } from "../domains/cache/module.js";
import { ChatInboxes } from "../domains/chat/inboxes.js";
import { chatModule } from "../domains/chat/module.js";
import { counterModule } from "../domains/counter/module.js";
import { jobModule } from "../domains/job/module.js";
import { keyModule } from "../domains/key/module.js";
import { leaderboardModule } from "../domains/leaderboard/module.js";
import { limitModule } from "../domains/limit/module.js";
import { lockModule } from "../domains/lock/module.js";
import { presenceModule } from "../domains/presence/module.js";
import { sessionModule } from "../domains/session/module.js";
import type { DomainDependencies } from "../domains/shared/dependencies.js";
import { domainModules } from "../domains/shared/module.js";
import { userModule } from "../domains/user/module.js";
import { type WebhookParts, webhookModule } from "../domains/webhook/module.js";
import type { Topics } from "../redis/topics.js";

/** What some domains receive besides the common dependencies. */
export interface DomainServices {
  identity: Identity;
  topics: Topics;
  webhooks: WebhookParts;
  ofConsole: AdminServices;
}

/** Constructs all domains of a node. A new domain is added with one line here. */
export function composeDomains(dependencies: DomainDependencies, services: DomainServices) {
  const { identity, topics, webhooks, ofConsole } = services;
  const modules = {
    leaderboard: leaderboardModule(dependencies),
    chat: chatModule(dependencies),
    presence: presenceModule(dependencies),
    counter: counterModule(dependencies),
    session: sessionModule(identity),
    key: keyModule(identity),
    cache: cacheModule(dependencies),
    lock: lockModule(dependencies),
    limit: limitModule(dependencies),
    job: jobModule(dependencies),
    webhook: webhookModule(dependencies, webhooks),
    admin: adminModule(dependencies, ofConsole),
  };
  const withInboxes = { ...dependencies, inboxes: new ChatInboxes(dependencies, topics) };
  const user = userModule(withInboxes, identity, modules);
  return { leaderboard: modules.leaderboard, user, domains: domainModules({ ...modules, user }) };
}
