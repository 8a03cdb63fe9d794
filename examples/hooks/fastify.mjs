import { grandstand } from "@grandstand/server";
import Fastify from "fastify";
import { profanityFilter } from "./profanity-filter.mjs";
import { scorePlausibility } from "./score-plausibility.mjs";

const app = Fastify({ forceCloseConnections: true });
app.get("/", async () => ({ hello: "from the app" }));
await app.register(grandstand, { hooks: { ...profanityFilter, ...scorePlausibility } });

const url = await app.listen({
  host: process.env.HOST ?? "127.0.0.1",
  port: Number(process.env.PORT ?? 8080),
});
console.log(`listening at ${url}`);
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => app.close());
