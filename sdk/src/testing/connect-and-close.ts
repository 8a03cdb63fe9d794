import { WebSocket } from "ws";
import { createClient } from "../client.js";

// A test runs this program as a separate process. It uses many parts of a client, and must exit by itself
// after close().
const client = createClient({
  url: process.argv[2] ?? "",
  token: "secret",
  transport: process.argv[3] as "websocket" | "socketio",
  webSocket: WebSocket as unknown as typeof globalThis.WebSocket,
});
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
