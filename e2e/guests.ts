import { type Client, createClient, createGuestSession } from "@grandstand/sdk";

const names =
  "Maya Łukasz Zoë Kwame Ines Haruto Freya Mateo Amara Elif Jonas Noor Liam Chloé Minh Sofia Diego Hana Aroha Ravi".split(
    " ",
  );
const activities = ["watching", "watching", "writing", "watching", "playing", "watching", "away"];

/** Connects guests to the demo's room, each over its own connection. @returns a function that disconnects them */
export async function connectGuests(url: string): Promise<() => void> {
  const clients = await Promise.all(
    names.map((name, at) => connectGuest(url, name, activities[at % activities.length]!)),
  );
  return () => {
    for (const client of clients) client.close();
  };
}

async function connectGuest(url: string, name: string, doing: string): Promise<Client> {
  const { token } = await createGuestSession({ url, name });
  const client = createClient({ url, token });
  const stay = client.presence("terrace").enter();
  await stay.update({ doing });
  // The id of the node is in the welcome, so it is known only once the client is connected.
  await stay.update({ doing, node: client.connection.get().welcome?.nodeId ?? null });
  return client;
}
