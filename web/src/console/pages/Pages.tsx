import { lazy, Suspense } from "react";
import type { Operator } from "../api/sign-in.js";
import { usePlace } from "../router.js";
import { LoadingRows } from "../ui/States.js";
import { Audit } from "./Audit.js";
import { BoardPage } from "./boards/BoardPage.js";
import { Boards } from "./boards/Boards.js";
import { CounterPage } from "./counters/CounterPage.js";
import { Counters } from "./counters/Counters.js";
import { Keys } from "./keys/Keys.js";
import { NotHere } from "./NotHere.js";
import { Overview } from "./overview/Overview.js";
import { RoomPage } from "./rooms/RoomPage.js";
import { Rooms } from "./rooms/Rooms.js";
import { UserPage } from "./users/UserPage.js";
import { Users } from "./users/Users.js";
import { Webhooks } from "./webhooks/Webhooks.js";

const Explorer = lazy(() => import("./explorer/Explorer.js"));
const Trace = lazy(() => import("./trace/Trace.js"));
const Jobs = lazy(() => import("./jobs/Jobs.js"));
const QueuePage = lazy(() => import("./jobs/QueuePage.js"));
const WebhookPage = lazy(() => import("./webhooks/WebhookPage.js"));
const Tools = lazy(() => import("./tools/Tools.js"));
const Inspector = lazy(() => import("./inspector/Inspector.js"));

/** The page that the URL names. */
export function Pages({ operator }: { operator: Operator }) {
  const { page, id } = usePlace();
  return <Suspense fallback={<LoadingRows />}>{pageAt(page, id, operator)}</Suspense>;
}

function pageAt(page: string, id: string | null, operator: Operator) {
  switch (page) {
    case "overview":
      return <Overview />;
    case "boards":
      return id === null ? <Boards /> : <BoardPage key={id} board={id} />;
    case "rooms":
      return id === null ? <Rooms /> : <RoomPage key={id} room={id} />;
    case "counters":
      return id === null ? <Counters /> : <CounterPage key={id} counter={id} />;
    case "users":
      return id === null ? <Users /> : <UserPage key={id} user={id} />;
    case "inspector":
      return <Inspector key={id} channel={id} />;
    case "explorer":
      return <Explorer name={id} />;
    case "trace":
      return <Trace trace={id} />;
    case "jobs":
      return id === null ? <Jobs /> : <QueuePage key={id} queue={id} />;
    case "webhooks":
      return id === null ? <Webhooks /> : <WebhookPage key={id} webhook={id} />;
    case "tools":
      return <Tools />;
    case "keys":
      return <Keys operator={operator} />;
    case "audit":
      return <Audit />;
    default:
      return <NotHere />;
  }
}
