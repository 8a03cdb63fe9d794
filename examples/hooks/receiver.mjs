import { createServer } from "node:http";
import { verifyWebhook } from "@grandstand/sdk/webhook";
import { profanityFilter } from "./profanity-filter.mjs";
import { scorePlausibility } from "./score-plausibility.mjs";

const hooks = { ...profanityFilter, ...scorePlausibility };
const secret = process.env.GRANDSTAND_HOOKS_SECRET;

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  try {
    const question = await verifyWebhook(body, request.headers, secret);
    response.end(JSON.stringify(hooks[question.hook]?.(question) ?? {}));
  } catch (error) {
    console.error(error.message);
    response.writeHead(400).end();
  }
});
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`listening at http://127.0.0.1:${server.address().port}`);
});
