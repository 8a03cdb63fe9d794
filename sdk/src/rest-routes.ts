import type { RestOperationName as AnyRestOperationName, Contract } from "@grandstand/shared/contract";

/** The operations of a server client: all with a REST route but those that the console reads. */
export type RestOperationName = Exclude<AnyRestOperationName, `admin.${string}`>;

type RouteOf<N extends RestOperationName> = Contract[N]["rest"] extends {
  method: infer Method extends string;
  path: infer Path extends string;
}
  ? `${Method} ${Path}`
  : never;

/**
 * The method and the path under `/v1` of each operation that has a REST route. The contract knows them too, but only
 * beside its schemas, and zod is no part of a client's bundle. The type makes a wrong or missing route a compile error.
 */
export const routes: { readonly [N in RestOperationName]: RouteOf<N> } = {
  "session.create": "POST /sessions",
  "session.list": "GET /sessions",
  "session.revoke": "DELETE /sessions/{session}",
  "key.create": "POST /keys",
  "key.list": "GET /keys",
  "key.revoke": "DELETE /keys/{key}",
  "user.notify": "POST /users/{user}/notices",
  "user.revoke": "POST /users/{user}/revoke",
  "user.erase": "POST /users/{user}/erase",
  "user.export": "GET /users/{user}/export",
  "leaderboard.configure": "PUT /leaderboards/{board}",
  "leaderboard.get": "GET /leaderboards/{board}",
  "leaderboard.list": "GET /leaderboards",
  "leaderboard.delete": "DELETE /leaderboards/{board}",
  "leaderboard.submit": "POST /leaderboards/{board}/scores",
  "leaderboard.submitMany": "POST /leaderboards/{board}/scores/batch",
  "leaderboard.entries": "GET /leaderboards/{board}/entries",
  "leaderboard.entry": "GET /leaderboards/{board}/entries/{member}",
  "leaderboard.around": "GET /leaderboards/{board}/entries/{member}/around",
  "leaderboard.aroundScore": "GET /leaderboards/{board}/around",
  "leaderboard.lookup": "POST /leaderboards/{board}/entries/lookup",
  "leaderboard.stats": "GET /leaderboards/{board}/stats",
  "leaderboard.setMetadata": "PUT /leaderboards/{board}/entries/{member}/metadata",
  "leaderboard.remove": "DELETE /leaderboards/{board}/entries/{member}",
  "leaderboard.hide": "PUT /leaderboards/{board}/entries/{member}/hidden",
  "leaderboard.show": "DELETE /leaderboards/{board}/entries/{member}/hidden",
  "leaderboard.seasons": "GET /leaderboards/{board}/seasons",
  "leaderboard.close": "POST /leaderboards/{board}/seasons/close",
  "leaderboard.export": "GET /leaderboards/{board}/export",
  "leaderboard.import": "POST /leaderboards/{board}/import",
  "counter.configure": "PUT /counters/{counter}",
  "counter.get": "GET /counters/{counter}",
  "counter.getMany": "POST /counters/lookup",
  "counter.list": "GET /counters",
  "counter.delete": "DELETE /counters/{counter}",
  "counter.add": "POST /counters/{counter}/add",
  "counter.set": "PUT /counters/{counter}/value",
  "counter.reset": "POST /counters/{counter}/reset",
  "counter.visit": "POST /counters/{counter}/visits",
  "counter.series": "GET /counters/{counter}/series",
  "counter.trending": "GET /trending/counters",
  "chat.send": "POST /chat/{room}/messages",
  "chat.history": "GET /chat/{room}/messages",
  "chat.edit": "PATCH /chat/{room}/messages/{offset}",
  "chat.delete": "DELETE /chat/{room}/messages/{offset}",
  "chat.react": "PUT /chat/{room}/messages/{offset}/reactions/{emoji}",
  "chat.unreact": "DELETE /chat/{room}/messages/{offset}/reactions/{emoji}",
  "chat.read": "PUT /chat/{room}/read",
  "chat.rooms": "GET /chat/rooms",
  "chat.unread": "POST /chat/unread",
  "chat.configure": "PUT /chat/{room}",
  "chat.drop": "DELETE /chat/{room}",
  "chat.members": "GET /chat/{room}/members",
  "chat.member": "GET /chat/{room}/members/{user}",
  "chat.setMember": "PUT /chat/{room}/members/{user}",
  "chat.removeMember": "DELETE /chat/{room}/members/{user}",
  "chat.moderate": "POST /chat/{room}/moderation",
  "presence.get": "GET /presence/{room}",
  "presence.count": "GET /presence/{room}/count",
  "presence.keep": "PUT /presence/{room}/members/{user}",
  "presence.drop": "DELETE /presence/{room}/members/{user}",
  "presence.lookup": "POST /presence/lookup",
  "cache.get": "GET /caches/{cache}/entries/{key}",
  "cache.take": "POST /caches/{cache}/entries/{key}/take",
  "cache.put": "PUT /caches/{cache}/entries/{key}",
  "cache.release": "POST /caches/{cache}/entries/{key}/release",
  "cache.delete": "DELETE /caches/{cache}/entries/{key}",
  "cache.invalidate": "POST /caches/{cache}/invalidate",
  "lock.acquire": "POST /locks/{lock}/acquire",
  "lock.renew": "POST /locks/{lock}/renew",
  "lock.release": "POST /locks/{lock}/release",
  "lock.get": "GET /locks/{lock}",
  "limit.check": "POST /limits/{limit}/check",
};
