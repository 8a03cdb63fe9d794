import { useClient } from "@grandstand/sdk/react";
import { useState } from "react";
import { idPages } from "../../api/id-pages.js";
import { BulkConfirm } from "../../ui/BulkConfirm.js";
import { plural } from "../../ui/format.js";

/** `webhook.replay` takes at most this many deliveries in one call. */
const DELIVERIES_PER_CALL = 100;

interface ReplayAllProps {
  webhook: string;
  /** How many dead letters there are. */
  count: number;
  onChanged: () => void;
}

/** A button that delivers all dead letters of a webhook again, once the operator has confirmed it. */
export function ReplayAll({ webhook, count, onChanged }: ReplayAllProps) {
  const client = useClient();
  const [asked, setAsked] = useState<number | null>(null);
  const input = { webhook, state: "dead", limit: DELIVERIES_PER_CALL } as const;
  return (
    <>
      {count > 0 && (
        <div className="bar">
          <button type="button" className="button primary" onClick={() => setAsked(count)}>
            Replay all
          </button>
        </div>
      )}
      {asked !== null && (
        <BulkConfirm
          title={`Replay ${plural(asked, "dead letter")}?`}
          action="Replay them"
          done="replayed"
          count={asked}
          work={{
            pages: () =>
              idPages(client, "webhook.deliveries", input, ({ deliveries }) =>
                deliveries.map(({ id }) => id),
              ),
            perCall: DELIVERIES_PER_CALL,
            change: async (ids) =>
              (await client.call("webhook.replay", { webhook, deliveries: [...ids] })).replayed,
          }}
          onChanged={onChanged}
          onClose={() => setAsked(null)}
        >
          <p>Each is delivered again under its id, with all its attempts.</p>
        </BulkConfirm>
      )}
    </>
  );
}
