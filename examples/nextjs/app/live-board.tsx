"use client";

import { type Client, createClient, createGuestSession, type Entry } from "@grandstand/sdk";
import { GrandstandProvider, useLeaderboard } from "@grandstand/sdk/react";
import { useEffect, useState } from "react";

/** Shows the entries that the server read, and the live board once it is loaded. */
export function LiveBoard({ url, initialEntries }: { url: string; initialEntries: readonly Entry[] }) {
  const [client, setClient] = useState<Client>();

  useEffect(() => {
    const session = createGuestSession({ url, name: "Ada" });
    const created = createClient({ url, token: async () => (await session).token });
    setClient(created);
    return () => created.close();
  }, [url]);

  if (!client) return <Rows entries={initialEntries} />;
  return (
    <GrandstandProvider client={client}>
      <LiveRows initialEntries={initialEntries} />
      <button type="button" onClick={() => fetch("/api/score", { method: "POST" })}>
        Play
      </button>
    </GrandstandProvider>
  );
}

function LiveRows({ initialEntries }: { initialEntries: readonly Entry[] }) {
  const { status, entries } = useLeaderboard("arcade", { top: 10 });
  return <Rows entries={status === "loading" ? initialEntries : entries} />;
}

function Rows({ entries }: { entries: readonly Entry[] }) {
  return (
    <ol>
      {entries.map((entry) => (
        <li key={entry.member}>
          {entry.profile?.name ?? entry.member}: {entry.score}
        </li>
      ))}
    </ol>
  );
}
