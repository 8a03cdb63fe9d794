import { useChat } from "@grandstand/sdk/react";
import { useState } from "react";
import { Panel } from "../shell/Panel.js";
import { Composer } from "./Composer.js";
import { ContinuityBadge, ContinuityNotice } from "./Continuity.js";
import type { Intent } from "./intent.js";
import { MessageList } from "./MessageList.js";
import { terrace } from "./room.js";
import { Typing } from "./Typing.js";
import "./chat.css";

interface ChatPanelProps {
  userId: string;
  /** Told at each change of what is being written, whether anything stands there. */
  onWriting: (hasText: boolean) => void;
}

/** The chat: what was said, who writes, and whether that is all of it. */
export function ChatPanel({ userId, onWriting }: ChatPanelProps) {
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
        onWriting={onWriting}
        onDone={() => setIntent(null)}
      />
    </Panel>
  );
}
