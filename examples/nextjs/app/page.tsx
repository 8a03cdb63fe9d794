import { grandstand, url } from "./grandstand";
import { LiveBoard } from "./live-board";

// The board is read at each request, not when the app is built.
export const dynamic = "force-dynamic";

export default async function Page() {
  const { entries } = await grandstand.leaderboard.entries({ board: "arcade", limit: 10 });
  return (
    <main>
      <h1>Arcade</h1>
      <LiveBoard url={url} initialEntries={entries} />
    </main>
  );
}
