import { grandstand } from "../../grandstand";

/** Your server computes the score and submits the score with an API key, so players can't choose their own scores. */
export async function POST() {
  const score = Math.round(Math.random() * 10_000);
  const { entry } = await grandstand.leaderboard.submit({ board: "arcade", member: "next-player", score });
  return Response.json({ rank: entry.rank });
}
