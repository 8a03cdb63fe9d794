import { useState } from "react";
import { Panel } from "../../../shell/Panel.js";
import { duration, whole } from "../../ui/format.js";
import { OperationSheet } from "../../ui/OperationSheet.js";

/**
 * Reads what is left of a limit of the app. Each call of `limit.check` states the points of the limit, and the window over
 * which they come back. The server stores neither, so the operator enters both.
 */
export function LimitPanel() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel title="Limit">
      <p className="panel-text">
        What is left for one user, address or tenant. Give the points and the window that your app gives; a
        cost of 0 reads without taking a point.
      </p>
      <div className="form-actions">
        <button type="button" className="button" onClick={() => setOpen(true)}>
          Check a limit
        </button>
      </div>
      {isOpen && (
        <OperationSheet
          operation="limit.check"
          title="Check a limit"
          value={{ cost: 0 }}
          action="Check"
          done="Checked the limit"
          result={({ allowed, remaining, retryAfterMs, resetMs }) => (
            <dl className="facts">
              <div>
                <dt>A request of this cost</dt>
                <dd>{allowed ? "is allowed" : `is refused for ${duration(retryAfterMs)}`}</dd>
              </div>
              <div>
                <dt>Points left</dt>
                <dd className="figures">{whole(remaining)}</dd>
              </div>
              <div>
                <dt>All are back in</dt>
                <dd>{duration(resetMs)}</dd>
              </div>
            </dl>
          )}
          onClose={() => setOpen(false)}
        />
      )}
    </Panel>
  );
}
