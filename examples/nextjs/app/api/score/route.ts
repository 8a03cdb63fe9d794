import { grandstand } from "../../grandstand";

/** Your server decides what a score is worth, and submits it with its API key. */
export async function POST() {
  const score = Math.round(Math.random() * 10_000);
  const { entry } = await grandstand.leaderboard.submit({ board: "arcade", member: "next-player", score });
  return Response.json({ rank: entry.rank });
}
