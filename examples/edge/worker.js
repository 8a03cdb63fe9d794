import { createServerClient } from "@grandstand/sdk/server";

/** A worker for an edge runtime: web standards only, nothing of Node. */
export default {
  async fetch(request, env) {
    const grandstand = createServerClient({ url: env.GRANDSTAND_URL, apiKey: env.GRANDSTAND_API_KEY });
    if (request.method === "POST") {
      const { member, score } = await request.json();
      return Response.json(await grandstand.leaderboard.submit({ board: "arcade", member, score }));
    }
    return Response.json(await grandstand.leaderboard.entries({ board: "arcade", limit: 10 }));
  },
};
