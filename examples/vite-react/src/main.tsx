import { createClient, createGuestSession } from "@grandstand/sdk";
import { GrandstandProvider } from "@grandstand/sdk/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";

const url: string = import.meta.env.VITE_GRANDSTAND_URL ?? "http://127.0.0.1:8080";

// Your own backend signs tokens for your users; a guest session needs no backend.
const session = createGuestSession({ url, name: "Ada" });
const client = createClient({ url, token: async () => (await session).token });

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <GrandstandProvider client={client}>
      <App me={session.then(({ user }) => user.id)} />
    </GrandstandProvider>
  </StrictMode>,
);
