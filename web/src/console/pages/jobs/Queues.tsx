import type { OutputOf } from "@grandstand/sdk";
import { Panel } from "../../../shell/Panel.js";
import { hrefOf } from "../../router.js";
import { whole } from "../../ui/format.js";
import { TableFrame } from "../../ui/TableFrame.js";

const WEBHOOK = "webhook-";

/** How many jobs each queue has in each state. */
export function Queues({ queues }: { queues: OutputOf<"admin.jobs">["queues"] }) {
  return (
    <Panel title="Queues of Grandstand">
      <TableFrame label="Table of queues">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" className="number">
                Waiting
              </th>
              <th scope="col" className="number">
                Running
              </th>
              <th scope="col" className="number">
                Later
              </th>
              <th scope="col" className="number">
                Failed
              </th>
            </tr>
          </thead>
          <tbody>
            {queues.map(({ name, waiting, active, delayed, failed }) => (
              <tr key={name}>
                <td className="cell-main">
                  {name.startsWith(WEBHOOK) ? (
                    <a className="mono" href={hrefOf("webhooks", name.slice(WEBHOOK.length))}>
                      {name.slice(WEBHOOK.length)}
                    </a>
                  ) : (
                    "Upkeep"
                  )}
                </td>
                <td className="number figures">{whole(waiting)}</td>
                <td className="number figures">{whole(active)}</td>
                <td className="number figures">{whole(delayed)}</td>
                <td className="number figures">
                  {failed > 0 ? <span className="tag is-bad">{whole(failed)}</span> : 0}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </Panel>
  );
}
