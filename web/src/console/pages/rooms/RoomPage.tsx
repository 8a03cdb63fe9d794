import { useRead } from "../../api/useRead.js";
import { go, hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural, whole } from "../../ui/format.js";
import { Rules } from "../../ui/Rules.js";
import { LoadingRows } from "../../ui/States.js";
import { Tabs } from "../../ui/Tabs.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { Members } from "./Members.js";
import { Messages } from "./Messages.js";
import { Present } from "./Present.js";
import { Sanctions } from "./Sanctions.js";

const EVERY_MS = 15_000;

export function RoomPage({ room }: { room: string }) {
  const { data, error, isLoading, reload } = useRead("admin.room", { room }, EVERY_MS);
  const [ask, dialog] = useConfirm();
  const drop = () =>
    ask({
      title: `Delete the room ${room}?`,
      text: (
        <p>
          This deletes {plural(data!.summary.messages, "message")}, {plural(data!.summary.members, "member")}{" "}
          and the settings of the room, and ends every subscription. It can't be undone.
        </p>
      ),
      action: "Delete the room",
      operation: "chat.drop",
      input: { room },
      done: `Deleted ${room}`,
      onDone: () => go("rooms"),
    });
  return (
    <>
      <PageHead
        title={room}
        back={{ href: hrefOf("rooms"), name: "Rooms" }}
        lead={
          data &&
          `${data.summary.visibility ?? "never configured"}, ${plural(data.summary.messages, "message")}, ${whole(data.summary.present)} present`
        }
      >
        <a className="button" href={hrefOf("inspector", `chat:${room}`)}>
          Inspect
        </a>
        {data && (
          <button type="button" className="button danger-line" onClick={drop}>
            Delete
          </button>
        )}
      </PageHead>
      {dialog}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {data && (
        <Tabs
          label={`Parts of ${room}`}
          tabs={[
            { name: "Messages", content: () => <Messages room={room} onSanction={reload} /> },
            { name: "Present", content: () => <Present room={room} /> },
            { name: "Members", content: () => <Members room={room} /> },
            {
              id: "sanctions",
              name: `Sanctions${data.sanctions.length > 0 ? ` (${data.sanctions.length})` : ""}`,
              content: () => <Sanctions room={room} sanctions={data.sanctions} onChanged={reload} />,
            },
            {
              name: "Settings",
              content: () => (
                <Rules
                  operation="chat.configure"
                  of={{ room }}
                  rules={data.settings && { ...data.settings }}
                  onChanged={reload}
                />
              ),
            },
          ]}
        />
      )}
    </>
  );
}
