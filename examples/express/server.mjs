import { createServerClient, GrandstandError } from "@grandstand/sdk/server";
import express from "express";

const grandstand = createServerClient({
  url: process.env.GRANDSTAND_URL ?? "http://127.0.0.1:8080",
  apiKey: process.env.GRANDSTAND_API_KEY ?? "demo-key",
});

const app = express();
app.use(express.json());

// Your own login decides who `userId` is. The browser connects with the token.
app.post("/token", async (request, response) => {
  const { userId, name } = request.body;
  const { token } = await grandstand.session.create({ user: { id: userId, name } });
  response.json({ token });
});

app.post("/scores", async (request, response) => {
  const { userId, score } = request.body;
  const { entry } = await grandstand.leaderboard.submit({ board: "arcade", member: userId, score });
  response.json({ rank: entry.rank });
});

app.get("/board", async (_request, response) => {
  const { entries } = await grandstand.leaderboard.entries({ board: "arcade", limit: 10 });
  response.json(entries);
});

app.use((error, _request, response, next) => {
  if (!(error instanceof GrandstandError)) return next(error);
  response
    .status(error.code === "bad_request" ? 400 : 502)
    .json({ error: error.message, issues: error.issues });
});

const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
