import type { ShownMessage } from "@grandstand/sdk";
import { useChat } from "@grandstand/sdk/react";
import { useState } from "react";
import { Panel } from "../shell/Panel.js";
import { Composer } from "./Composer.js";
import { ContinuityBadge, ContinuityNotice } from "./Continuity.js";
import { MessageList } from "./MessageList.js";
import { terrace } from "./room.js";
import { Typing } from "./Typing.js";
import "./chat.css";

/** What the composer is about to do beside saying something new. */
export type Intent = { kind: "reply" | "edit"; message: ShownMessage } | null;

/** The chat: what was said, who writes, and whether that is all of it. */
export function ChatPanel({ userId }: { userId: string }) {
  const chat = useChat(terrace);
  const [intent, setIntent] = useState<Intent>(null);
  return (
    <Panel title="The terrace" className="chat" aside={<ContinuityBadge status={chat.status} />}>
      <ContinuityNotice chat={chat} />
      <MessageList chat={chat} userId={userId} onIntend={setIntent} />
      <Typing typing={chat.typing} />
      <Composer
        key={intent ? `${intent.kind} ${intent.message.key}` : "new"}
        chat={chat}
        intent={intent}
        onDone={() => setIntent(null)}
      />
    </Panel>
  );
}
