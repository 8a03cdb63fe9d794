import { hrefOf } from "../router.js";
import { PageHead } from "../shell/PageHead.js";
import { Empty } from "../ui/States.js";

export function NotHere() {
  return (
    <>
      <PageHead title="Nothing here" />
      <Empty title="The console has no such page.">
        <a href={hrefOf("overview")}>Go to the overview</a>
      </Empty>
    </>
  );
}
