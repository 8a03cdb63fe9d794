import { createClient, createGuestSession } from "@grandstand/sdk";

const url = process.env.GRANDSTAND_URL ?? "http://127.0.0.1:8080";

const { user, token } = await createGuestSession({ url, name: "Ada" });
const client = createClient({ url, token });
const arcade = client.leaderboard("arcade");

const board = arcade.live({ top: 10, me: true });
const stop = board.subscribe(() => {
  const { status, entries, me } = board.get();
  console.log(status, entries.length, "entries, own rank:", me?.rank ?? "none");
  if (me) end();
});
await arcade.submit({ member: user.id, score: 4200 });

function end() {
  stop();
  client.close();
}
