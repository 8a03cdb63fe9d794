import type { OutputOf } from "@grandstand/sdk";
import { Panel } from "../../../shell/Panel.js";
import { Ago } from "../../ui/Ago.js";
import { duration } from "../../ui/format.js";
import { nameOfJob } from "./JobRow.js";

/** Lists the schedules with their intervals and the times of their next jobs. A schedule adds a job once per interval. */
export function Schedules({ schedules }: { schedules: OutputOf<"admin.jobs">["schedules"] }) {
  return (
    <Panel title="Schedules">
      <ul className="rows">
        {schedules.map(({ name, everyMs, nextAt }) => (
          <li key={name}>
            <div className="row">
              <span className="row-name">{nameOfJob(name)}</span>
              <span className="row-number">every {duration(everyMs)}</span>
              {nextAt !== null && (
                <p className="row-note">
                  next <Ago at={nextAt} />
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
      <p className="panel-text">The end of each season is a job of its own, under “Due later”.</p>
    </Panel>
  );
}
