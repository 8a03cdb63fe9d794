import { useClient, useLeaderboard } from "@grandstand/sdk/react";

export function App({ me }: { me: Promise<string> }) {
  const client = useClient();
  const { status, entries } = useLeaderboard("arcade", { top: 10 });

  async function play() {
    const score = Math.round(Math.random() * 10_000);
    await client.leaderboard("arcade").submit({ member: await me, score });
  }

  return (
    <main>
      <h1>Arcade</h1>
      <p>{status}</p>
      <ol>
        {entries.map((entry) => (
          <li key={entry.member}>
            {entry.profile?.name ?? entry.member}: {entry.score}
          </li>
        ))}
      </ol>
      <button type="button" onClick={play}>
        Play
      </button>
    </main>
  );
}
