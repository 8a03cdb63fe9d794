import { createClient } from "../client.js";

// A process of its own, started by the test: with everything in use at once, close() must let it end.
const client = createClient({ url: process.argv[2] ?? "", token: "secret" });
const live = client.leaderboard("arcade").live();
const unsubscribe = live.subscribe(() => {
  if (live.get().status !== "live") return;
  console.log("live");
  unsubscribe();
  client
    .leaderboard("arcade")
    .live({ me: true })
    .subscribe(() => {});
  client
    .leaderboard("arcade")
    .get()
    .catch(() => console.log("closed"));
  client.presence("lobby").enter({ doing: "watching" });
  client
    .presence("lobby")
    .live()
    .subscribe(() => {});
  client.close();
});
