import { afterAll, beforeAll, expect, it } from "vitest";
import { cap, tokenCall } from "../../test/support/callers.js";
import { type DomainFixture, domainFixture } from "../../test/support/domain.js";
import { silentLog } from "../../test/support/silent-log.js";
import type { Authenticator } from "../auth/authenticator.js";
import { limitSettings } from "../config/limits.js";
import type { Auditor } from "../core/auditor.js";
import type { Connection } from "../core/connection.js";
import type { Handlers } from "../core/handler.js";
import { CallLimits } from "../limits/call-limits.js";
import { Dispatcher } from "./dispatcher.js";

let fixture: DomainFixture;

beforeAll(async () => {
  fixture = await domainFixture();
});

afterAll(() => fixture.redis.close());

const silentAuditor: Auditor = { record: async () => {} };

it("AU3: a call is checked against the rights of its connection at the time it is carried out", async () => {
  const settings = { ...limitSettings.parse("off"), user: { points: 100, windowSeconds: 60 } };
  const limits = new CallLimits(settings, fixture.redis.commands, fixture.keys);
  const entered: string[] = [];
  const handlers = {
    "presence.enter": async ({ room }: { room: string }) => entered.push(room),
  } as unknown as Handlers;
  // A call over a connection needs no authenticator.
  const dispatcher = new Dispatcher({} as Authenticator, limits, handlers, silentAuditor, silentLog);
  const connectionOf = (user: string) =>
    ({ caller: tokenCall(user, {}).caller, address: "127.0.0.1" }) as Connection;
  const enter = (room: string, from: Connection) =>
    dispatcher.dispatch({ operation: "presence.enter", input: { room }, bytes: 20, from });
  expect(await enter("lobby", connectionOf("bo"))).toMatchObject({ ack: { ok: true } });
  const connection = connectionOf("ann");
  // The caller changes while the dispatcher waits for the quota in Redis.
  const entering = enter("stand", connection);
  connection.caller = tokenCall("ann", { caps: [cap("presence:stand", "subscribe")] }).caller;
  expect(await entering).toMatchObject({ ack: { ok: false, error: { code: "forbidden" } } });
  expect(entered).toEqual(["lobby"]);
});
