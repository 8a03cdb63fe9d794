import { type Client, createClient, createGuestSession } from "@grandstand/sdk";

const names =
  "Maya Łukasz Zoë Kwame Ines Haruto Freya Mateo Amara Elif Jonas Noor Liam Chloé Minh Sofia Diego Hana Aroha Ravi".split(
    " ",
  );
const doings = ["watching", "watching", "writing", "watching", "playing", "watching", "away"];

/** Lets guests into the demo's stand, each over a connection of their own. @returns what sends them away */
export async function letGuestsIn(url: string): Promise<() => void> {
  const clients = await Promise.all(names.map((name, at) => letIn(url, name, doings[at % doings.length]!)));
  return () => {
    for (const client of clients) client.close();
  };
}

async function letIn(url: string, name: string, doing: string): Promise<Client> {
  const { token } = await createGuestSession({ url, name });
  const client = createClient({ url, token });
  await client.presence("terrace").enter().update({ doing });
  return client;
}
