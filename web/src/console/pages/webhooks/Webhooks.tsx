import { useState } from "react";
import { useRead } from "../../api/useRead.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { Ago } from "../../ui/Ago.js";
import { ErrorNote } from "../../ui/ErrorNote.js";
import { plural } from "../../ui/format.js";
import { OperationSheet } from "../../ui/OperationSheet.js";
import { Secret } from "../../ui/Secret.js";
import { Empty, LoadingRows } from "../../ui/States.js";

/** Every receiver of events over HTTP. */
export function Webhooks() {
  const { data, error, isLoading, reload } = useRead("webhook.list", {});
  const [isMaking, setMaking] = useState(false);
  return (
    <>
      <PageHead title="Webhooks" lead="Receivers of events over HTTP, with what was delivered to them">
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          New webhook
        </button>
      </PageHead>
      {isMaking && (
        <OperationSheet
          operation="webhook.create"
          title="New webhook"
          first="url"
          action="Create the webhook"
          done="Created the webhook"
          onDone={reload}
          result={({ secret }) => <Secret secret={secret} />}
          onClose={() => setMaking(false)}
        />
      )}
      {error && <ErrorNote error={error} onRetry={reload} />}
      {isLoading && <LoadingRows />}
      {data?.webhooks.length === 0 && (
        <Empty title="There is no webhook yet.">
          Create one here, or set GRANDSTAND_WEBHOOK_URL for one that receives all events.
        </Empty>
      )}
      <ul className="rows">
        {data?.webhooks.map(({ id, url, events, ids, enabled, createdAt }) => (
          <li key={id}>
            <a className="row" href={hrefOf("webhooks", id)}>
              <span className="row-name">{url}</span>
              <span className="row-tags">
                <span className={enabled ? "tag is-live" : "tag is-warn"}>{enabled ? "on" : "off"}</span>
                <span className="tag">{plural(events.length, "event")}</span>
              </span>
              <span className="row-fact">{ids.join(", ") === "*" ? "all ids" : ids.join(", ")}</span>
              <span className="row-fact">
                {createdAt === null ? (
                  "from the settings"
                ) : (
                  <>
                    created <Ago at={createdAt} />
                  </>
                )}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
