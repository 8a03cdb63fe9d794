import type { Contract, RestOperationName } from "@grandstand/shared/contract";
import type { DomainOf, MethodOf } from "./operation-names.js";

type RouteOf<N extends RestOperationName> = Contract[N]["rest"] extends {
  method: infer Method extends string;
  path: infer Path extends string;
}
  ? `${Method} ${Path}`
  : never;

/**
 * The HTTP method and the path under `/v1` of each operation that has a REST route. They are a copy from the
 * contract, because importing the contract would put zod into the bundle of a client. The type makes a wrong
 * or missing route a compile error.
 */
export const routes: {
  readonly [D in DomainOf<RestOperationName>]: {
    readonly [M in MethodOf<RestOperationName, D>]: RouteOf<`${D}.${M}` & RestOperationName>;
  };
} = {
  session: {
    create: "POST /sessions",
    list: "GET /sessions",
    revoke: "DELETE /sessions/{session}",
  },
  key: {
    create: "POST /keys",
    list: "GET /keys",
    revoke: "DELETE /keys/{key}",
  },
  webhook: {
    create: "POST /webhooks",
    list: "GET /webhooks",
    update: "PATCH /webhooks/{webhook}",
    delete: "DELETE /webhooks/{webhook}",
    test: "POST /webhooks/{webhook}/test",
    deliveries: "GET /webhooks/{webhook}/deliveries",
    replay: "POST /webhooks/{webhook}/replay",
  },
  user: {
    notify: "POST /users/{user}/notices",
    revoke: "POST /users/{user}/revoke",
    profiles: "POST /users/profiles/lookup",
    setProfile: "PUT /users/{user}/profile",
    invalidateProfile: "POST /users/{user}/profile/invalidate",
    erase: "POST /users/{user}/erase",
    export: "GET /users/{user}/export",
  },
  leaderboard: {
    configure: "PUT /leaderboards/{board}",
    get: "GET /leaderboards/{board}",
    list: "GET /leaderboards",
    delete: "DELETE /leaderboards/{board}",
    submit: "POST /leaderboards/{board}/scores",
    submitMany: "POST /leaderboards/{board}/scores/batch",
    entries: "GET /leaderboards/{board}/entries",
    entry: "GET /leaderboards/{board}/entries/{member}",
    around: "GET /leaderboards/{board}/entries/{member}/around",
    aroundScore: "GET /leaderboards/{board}/around",
    lookup: "POST /leaderboards/{board}/entries/lookup",
    stats: "GET /leaderboards/{board}/stats",
    setMetadata: "PUT /leaderboards/{board}/entries/{member}/metadata",
    remove: "DELETE /leaderboards/{board}/entries/{member}",
    hide: "PUT /leaderboards/{board}/entries/{member}/hidden",
    show: "DELETE /leaderboards/{board}/entries/{member}/hidden",
    seasons: "GET /leaderboards/{board}/seasons",
    close: "POST /leaderboards/{board}/seasons/close",
    export: "GET /leaderboards/{board}/export",
    import: "POST /leaderboards/{board}/import",
  },
  counter: {
    configure: "PUT /counters/{counter}",
    get: "GET /counters/{counter}",
    getMany: "POST /counters/lookup",
    list: "GET /counters",
    delete: "DELETE /counters/{counter}",
    add: "POST /counters/{counter}/add",
    set: "PUT /counters/{counter}/value",
    reset: "POST /counters/{counter}/reset",
    visit: "POST /counters/{counter}/visits",
    series: "GET /counters/{counter}/series",
    trending: "GET /trending/counters",
  },
  chat: {
    send: "POST /chat/{room}/messages",
    history: "GET /chat/{room}/messages",
    edit: "PATCH /chat/{room}/messages/{offset}",
    delete: "DELETE /chat/{room}/messages/{offset}",
    react: "PUT /chat/{room}/messages/{offset}/reactions/{emoji}",
    unreact: "DELETE /chat/{room}/messages/{offset}/reactions/{emoji}",
    read: "PUT /chat/{room}/read",
    rooms: "GET /chat/rooms",
    unread: "POST /chat/unread",
    configure: "PUT /chat/{room}",
    drop: "DELETE /chat/{room}",
    members: "GET /chat/{room}/members",
    member: "GET /chat/{room}/members/{user}",
    setMember: "PUT /chat/{room}/members/{user}",
    removeMember: "DELETE /chat/{room}/members/{user}",
    moderate: "POST /chat/{room}/moderation",
  },
  presence: {
    get: "GET /presence/{room}",
    count: "GET /presence/{room}/count",
    keep: "PUT /presence/{room}/members/{user}",
    drop: "DELETE /presence/{room}/members/{user}",
    lookup: "POST /presence/lookup",
  },
  cache: {
    get: "GET /caches/{cache}/entries/{key}",
    take: "POST /caches/{cache}/entries/{key}/take",
    put: "PUT /caches/{cache}/entries/{key}",
    release: "POST /caches/{cache}/entries/{key}/release",
    delete: "DELETE /caches/{cache}/entries/{key}",
    invalidate: "POST /caches/{cache}/invalidate",
  },
  lock: {
    acquire: "POST /locks/{lock}/acquire",
    renew: "POST /locks/{lock}/renew",
    release: "POST /locks/{lock}/release",
    get: "GET /locks/{lock}",
  },
  limit: {
    check: "POST /limits/{limit}/check",
  },
  job: {
    add: "POST /jobs/{queue}",
    take: "POST /jobs/{queue}/take",
    extend: "POST /jobs/{queue}/{job}/extend",
    complete: "POST /jobs/{queue}/{job}/complete",
    fail: "POST /jobs/{queue}/{job}/fail",
    queues: "GET /jobs",
    list: "GET /jobs/{queue}",
    retry: "POST /jobs/{queue}/{job}/retry",
    remove: "DELETE /jobs/{queue}/{job}",
  },
  admin: {
    overview: "GET /admin/overview",
    activity: "GET /admin/activity",
    rooms: "GET /admin/rooms",
    room: "GET /admin/rooms/{room}",
    users: "GET /admin/users",
    jobs: "GET /admin/jobs",
    retryJobs: "POST /admin/jobs/retry",
    beginTrace: "POST /admin/traces",
    trace: "GET /admin/traces/{trace}",
    endTrace: "DELETE /admin/traces/{trace}",
    audit: "GET /admin/audit",
  },
};
