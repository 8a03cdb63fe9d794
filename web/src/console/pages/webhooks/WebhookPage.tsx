import type { OutputOf } from "@grandstand/sdk";
import { useAction } from "../../api/useAction.js";
import { useRead } from "../../api/useRead.js";
import { go, hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural } from "../../ui/format.js";
import { Rules } from "../../ui/Rules.js";
import { Empty, LoadingRows } from "../../ui/States.js";
import { Tabs } from "../../ui/Tabs.js";
import { useConfirm } from "../../ui/useConfirm.js";
import { Deliveries } from "./Deliveries.js";
import { TestButton } from "./TestButton.js";

const EVERY_MS = 5_000;

/** One webhook: its deliveries, dead letters first, and its settings. */
export default function WebhookPage({ webhook: id }: { webhook: string }) {
  const { data, error, isLoading, reload } = useRead("webhook.list", {});
  const webhook = data?.webhooks.find((one) => one.id === id);
  return (
    <>
      {webhook === undefined && (
        <PageHead title={id} back={{ href: hrefOf("webhooks"), name: "Webhooks" }} lead={null} />
      )}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {webhook && <Known webhook={webhook} onChanged={reload} />}
      {data && !webhook && <Empty title="There is no such webhook.">It may have been deleted.</Empty>}
    </>
  );
}

type Webhook = OutputOf<"webhook.list">["webhooks"][number];

function Known({ webhook, onChanged }: { webhook: Webhook; onChanged: () => void }) {
  const { id, url, events, ids, top, enabled, createdAt } = webhook;
  const { data, error, reload } = useRead("webhook.deliveries", { webhook: id, limit: 1 }, EVERY_MS);
  const counts = data?.counts ?? null;
  const [ask, dialog] = useConfirm();
  const toggle = useAction();
  const isOfSettings = createdAt === null;
  const remove = () =>
    ask({
      title: "Delete this webhook?",
      text: (
        <p>
          This deletes the webhook to <strong>{url}</strong> with{" "}
          {plural(counts?.pending ?? 0, "pending delivery")} and {plural(counts?.dead ?? 0, "dead letter")}.
          It can't be undone.
        </p>
      ),
      action: "Delete the webhook",
      operation: "webhook.delete",
      input: { webhook: id },
      done: "Deleted the webhook",
      onDone: () => go("webhooks"),
    });
  const setEnabled = async () => {
    const done = enabled ? "Paused the webhook" : "Resumed the webhook";
    if ((await toggle.run("webhook.update", { webhook: id, enabled: !enabled }, done)) !== null) onChanged();
  };
  const list = (state: "dead" | "pending" | "delivered") => (
    <Deliveries webhook={id} state={state} count={counts?.[state] ?? 0} onChanged={reload} />
  );
  const named = (name: string, state: "dead" | "pending" | "delivered") =>
    counts === null ? name : `${name} (${counts[state]})`;
  return (
    <>
      <PageHead
        title={url}
        back={{ href: hrefOf("webhooks"), name: "Webhooks" }}
        lead={
          <>
            <span className="mono">{id}</span>, {enabled ? "on" : "off: deliveries wait"}, receives{" "}
            {plural(events.length, "event")}
            {isOfSettings && ", from the setting GRANDSTAND_WEBHOOK_URL"}
          </>
        }
      >
        <TestButton webhook={id} />
        {!isOfSettings && (
          <>
            <button type="button" className="button" disabled={toggle.isRunning} onClick={setEnabled}>
              {enabled ? "Pause" : "Resume"}
            </button>
            <button type="button" className="button danger-line" onClick={remove}>
              Delete
            </button>
          </>
        )}
      </PageHead>
      {dialog}
      {toggle.error && <ErrorNote error={toggle.error} />}
      {error && <ErrorNote error={error} onRetry={reload} />}
      <Tabs
        label="Parts of the webhook"
        tabs={[
          { id: "dead", name: named("Dead letters", "dead"), content: () => list("dead") },
          { id: "pending", name: named("Pending", "pending"), content: () => list("pending") },
          { id: "delivered", name: named("Delivered", "delivered"), content: () => list("delivered") },
          {
            name: "Settings",
            content: () =>
              isOfSettings ? (
                <p>This webhook is in the settings: change GRANDSTAND_WEBHOOK_URL, and restart the nodes.</p>
              ) : (
                <Rules
                  operation="webhook.update"
                  of={{ webhook: id }}
                  rules={{ url, events, ids, top, enabled }}
                  name="settings"
                  onChanged={onChanged}
                />
              ),
          },
        ]}
      />
    </>
  );
}
