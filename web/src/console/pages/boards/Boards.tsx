import { useState } from "react";
import { usePages } from "../../api/usePages.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { Ago } from "../../ui/Ago.js";
import { plural } from "../../ui/format.js";
import { SearchList } from "../../ui/SearchList.js";
import { NewThing } from "../NewThing.js";

export function Boards() {
  const [prefix, setPrefix] = useState("");
  const pages = usePages(
    "leaderboard.list",
    { limit: 100 },
    ({ boards }) => boards,
    ({ board }) => board,
  );
  const shown = { ...pages, items: pages.items.filter(({ board }) => board.startsWith(prefix)) };
  return (
    <>
      <PageHead title="Leaderboards" lead="Every board with its rules, its entries and its seasons">
        <NewThing thing="board" operation="leaderboard.configure" page="boards" />
      </PageHead>
      <SearchList
        page="boards"
        thing="board"
        pages={shown}
        idOf={({ board }) => board}
        prefix={prefix}
        onPrefix={setPrefix}
        empty={{ title: "There is no board yet.", text: "Create one here, or with leaderboard.configure." }}
        row={({ board, total, windows, submit, updatedAt }) => (
          <a className="row" href={hrefOf("boards", board)}>
            <span className="row-name">{board}</span>
            <span className="row-tags">
              {windows.map((window) => (
                <span key={nameOf(window)} className="tag">
                  {nameOf(window)}
                </span>
              ))}
            </span>
            <span className="row-fact">{submit === "member" ? "members submit" : "servers submit"}</span>
            <span className="row-fact">
              rules changed <Ago at={updatedAt} />
            </span>
            <span className="row-number figures">{plural(total, "entry")}</span>
          </a>
        )}
      />
    </>
  );
}

export function nameOf(window: string | { name: string }): string {
  return typeof window === "string" ? window : window.name;
}
