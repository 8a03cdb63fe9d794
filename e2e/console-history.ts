import { createClient } from "@grandstand/sdk";
import { Redis } from "ioredis";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** For how many minutes Redis stores the load of the nodes. The same number as SLOTS in report.lua. */
const ACTIVITY_SLOTS = 61;

/** The keys in Redis, as docs/console.md and docs/internals/identity.md describe them. */
const keys = { audit: "gs:{admin}:audit", activity: "gs:{admin}:activity", apiKeys: "gs:{identity}:keys" };

/** The API keys of a team, with the time since each was created. */
const apiKeys = [
  { name: "billing-sync", scopes: ["user:write", "user:read"], daysAgo: 64, endsInDays: 26 },
  { name: "game-server-eu", scopes: ["leaderboard:write", "presence:write", "counter:write"], daysAgo: 112 },
  { name: "game-server-us", scopes: ["leaderboard:write", "presence:write", "counter:write"], daysAgo: 112 },
  { name: "mail-worker", scopes: ["job:*"], daysAgo: 41 },
  { name: "moderation", scopes: ["admin:read", "chat:*", "presence:*", "user:read"], daysAgo: 87 },
  { name: "operator-ann", scopes: ["admin:*", "leaderboard:*", "chat:*", "user:*"], daysAgo: 118 },
  { name: "stats-export", scopes: ["leaderboard:read", "counter:read"], daysAgo: 9, endsInDays: 81 },
];

/** Actions of operators, the latest first. */
const actions: [minutesAgo: number, key: string, operation: string, input: object, outcome?: string][] = [
  [4, "moderation", "chat.delete", { room: "terrace", offset: 311 }],
  [
    5,
    "moderation",
    "chat.moderate",
    { room: "terrace", user: "guest-71f2", action: "mute", ttlMs: 3_600_000 },
  ],
  [6, "moderation", "console.signIn", {}],
  [38, "operator-ann", "admin.retryJobs", { jobs: ["close:speedrun"] }],
  [52, "operator-ann", "leaderboard.hide", { board: "arcade", member: "xX_bot_Xx" }],
  [55, "operator-ann", "console.signIn", {}],
  [190, "moderation", "leaderboard.remove", { board: "arcade", member: "guest-0d41" }, "forbidden"],
  [194, "moderation", "chat.moderate", { room: "terrace", user: "guest-0d41", action: "ban" }],
  [360, "demo", "webhook.create", { url: "https://hooks.example.com/orders", events: ["chat.message"] }],
  [395, "demo", "counter.set", { counter: "visitors", value: "many" }, "bad_request"],
  [396, "demo", "counter.configure", { counter: "cheers:claps", series: ["minute", "hour"] }],
  [1_520, "operator-ann", "user.erase", { user: "guest-5c9e" }],
  [1_524, "operator-ann", "user.export", { user: "guest-5c9e" }],
  [1_600, "operator-ann", "leaderboard.close", { board: "arcade", window: "weekly" }],
  [2_950, "operator-ann", "leaderboard.configure", { board: "arcade", max: 60_000, minIntervalMs: 10_000 }],
  [2_958, "operator-ann", "key.revoke", { key: "game-server-old" }],
  [4_400, "demo", "key.create", { name: "stats-export", scopes: ["leaderboard:read", "counter:read"] }],
  [4_402, "demo", "console.signIn", {}],
  [5_790, "moderation", "chat.edit", { room: "terrace", offset: 204, text: "(a link was removed)" }],
  [5_812, "moderation", "presence.drop", { room: "terrace", user: "guest-88ab" }],
];

/** Jobs of the app's own queues. */
const queues = [
  { queue: "mails", waiting: 14, failed: ["550 mailbox unavailable", "connect ETIMEDOUT 10.0.4.18:587"] },
  { queue: "payouts", waiting: 3, failed: ["The account of the winner is closed"] },
  { queue: "thumbnails", waiting: 0, failed: [] },
];

/**
 * Gives a demo the history of a system that has run for months: API keys, an audit log, an hour of load, and
 * jobs. Entries of the past are written directly into the demo's Redis, in the form in which nodes write them.
 */
export async function seedHistory(url: string, key: string, redisPath: string): Promise<void> {
  const redis = new Redis(redisPath);
  const server = createClient({ url, token: key });
  const now = Date.now();
  try {
    for (const [minutesAgo, name, operation, input, outcome = "ok"] of actions.toReversed()) {
      const fields = { key: name, address: "203.0.113.24", operation, input: JSON.stringify(input), outcome };
      const id = `${now - minutesAgo * MINUTE_MS}-0`;
      await redis.xadd(keys.audit, id, ...Object.entries(fields).flat());
    }
    for (const { name, scopes, daysAgo, endsInDays } of apiKeys) {
      const expiresAt =
        endsInDays === undefined ? {} : { expiresAt: new Date(now + endsInDays * DAY_MS).toISOString() };
      const { key: created } = await server.call("key.create", { name, scopes, ...expiresAt });
      const stored = JSON.parse((await redis.hget(keys.apiKeys, created.id))!);
      const createdAt = String(now - daysAgo * DAY_MS);
      await redis.hset(keys.apiKeys, created.id, JSON.stringify({ ...stored, createdAt }));
    }
    await seedActivity(redis, keys.activity, now);
    await seedJobs(server);
    await seedThings(server);
  } finally {
    server.close();
    redis.disconnect();
  }
}

/**
 * Writes the load of the last hour: an evening that gets busier, with a match that ended some minutes ago.
 */
async function seedActivity(redis: Redis, key: string, now: number): Promise<void> {
  const present = Math.floor(now / MINUTE_MS);
  // The next two minutes get their load in advance, because console-screenshots.ts takes its screenshots then.
  for (let ago = 58; ago >= -2; ago -= 1) {
    const minute = present - ago;
    const match = 14 * Math.exp(-(((ago - 16) / 7) ** 2));
    const wave = 2.6 * Math.sin(ago / 4.7) + 1.1 * Math.sin(ago * 1.9) + 0.6 * Math.sin(ago * 5.3);
    const connections = Math.round(26 - 0.22 * ago + match + wave);
    const slot = `${minute % ACTIVITY_SLOTS}:`;
    const fields = {
      at: minute,
      connections,
      calls: Math.round(connections * (44 + 9 * Math.sin(ago / 3))),
      deliveries: Math.round(connections * (86 + 24 * Math.sin(ago / 5) + 4 * match)),
      limited: ago > 14 && ago < 19 ? 7 - Math.abs(ago - 16) * 2 : 0,
      failures: 0,
      eventLoopDelayMs: 4 + (ago % 5),
    };
    await redis.hset(
      key,
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [slot + name, value])),
    );
  }
}

/** Creates further boards, rooms and counters, so that the lists of the console have several rows. */
async function seedThings(server: ReturnType<typeof createClient>): Promise<void> {
  const members = ["Maya", "Kwame", "Ines", "Haruto", "Freya", "Mateo", "Amara", "Elif", "Jonas", "Noor"];
  const boards = { "weekly-cup": "weekly", "guilds:europe": "monthly", "time-trial:alps": "all" } as const;
  for (const [at, [board, window]] of Object.entries(boards).entries()) {
    await server.call("leaderboard.configure", { board, windows: [window], submit: "server" });
    const scores = members
      .slice(at)
      .map((member, place) => ({ member, score: 9_400 - 731 * place - 57 * at }));
    await server.call("leaderboard.submitMany", { board, scores });
  }
  const rooms = {
    lobby: ["Welcome, everybody", "The cup begins at eight"],
    support: ["My score is missing since the update", "Which board?", "The weekly cup"],
    "match-4711": ["Good game", "Again?"],
  };
  for (const [room, texts] of Object.entries(rooms)) {
    for (const text of texts) await server.call("chat.send", { room, text });
  }
  for (const user of ["Maya", "Elif"]) {
    await server.call("chat.setMember", { room: "support", user, role: "moderator" });
  }
  for (const [counter, by] of Object.entries({ downloads: 48_211, signups: 1_930, "votes:mvp": 617 })) {
    await server.call("counter.add", { counter, by });
  }
}

async function seedJobs(server: ReturnType<typeof createClient>): Promise<void> {
  for (const { queue, waiting, failed } of queues) {
    for (const [at, reason] of failed.entries()) {
      const user = ["Maya", "Kwame", "Ines"][at]!;
      await server.call("job.add", {
        queue,
        payload: { to: user, template: "season-won" },
        user,
        attempts: 1,
      });
      const token = crypto.randomUUID();
      const { jobs } = await server.call("job.take", { queue, token });
      for (const { job } of jobs) await server.call("job.fail", { queue, job, token, reason });
    }
    for (let number = 0; number < waiting; number += 1) {
      await server.call("job.add", { queue, payload: { template: "weekly", number } });
    }
    await server.call("job.add", { queue, payload: { template: "digest" }, delayMs: 6 * HOUR_MS });
    if (waiting > 0) await server.call("job.take", { queue, token: crypto.randomUUID(), leaseMs: 600_000 });
  }
}
