import type { FastifyInstance } from "fastify";
import { version } from "./version.js";

const name = "Grandstand";
const description = "Leaderboards, presence, chat and counters in real time, on your own Redis.";

const links = [
  { path: "/health/ready", title: "Health" },
  { path: "/docs", title: "API reference" },
  { path: "/openapi.json", title: "REST API" },
  { path: "/asyncapi.json", title: "Real-time API" },
];

/**
 * Serves `/` on a node without a web page: the name, the
 * version and links. Browsers get HTML, other clients JSON.
 */
export function rootPage(app: FastifyInstance): void {
  const json = { name, version, description, links: links.map(({ path }) => path) };
  app.get("/", (request, reply) => {
    // Fastify routes the request target `*` here too.
    if (!request.originalUrl.startsWith("/")) return reply.callNotFound();
    reply.header("cache-control", "no-store");
    if (request.headers.accept?.includes("text/html") !== true) return json;
    return reply
      .header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
      .type("text/html; charset=utf-8")
      .send(page);
  });
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<h1>${name} ${version}</h1>
<p>${description}</p>
<ul>
${links.map(({ path, title }) => `<li><a href="${path}">${title}</a>`).join("\n")}
</ul>
<p>Applications call <code>/v1</code> with a token. To serve a web page here, set <code>GRANDSTAND_WEB</code> to its folder.</p>
`;
