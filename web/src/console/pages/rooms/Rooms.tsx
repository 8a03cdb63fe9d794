import { useState } from "react";
import { usePages } from "../../api/usePages.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { Ago } from "../../ui/Ago.js";
import { plural, whole } from "../../ui/format.js";
import { SearchList } from "../../ui/SearchList.js";
import { NewThing } from "../NewThing.js";

export function Rooms() {
  const [prefix, setPrefix] = useState("");
  const pages = usePages(
    "admin.rooms",
    { limit: 50, ...(prefix !== "" && { prefix }) },
    ({ rooms }) => rooms,
    ({ room }) => room,
  );
  const byActivity = pages.items.toSorted((one, other) =>
    (one.lastAt ?? "") < (other.lastAt ?? "") ? 1 : -1,
  );
  return (
    <>
      <PageHead title="Rooms" lead="Chat and presence of every room that somebody used or configured">
        <NewThing thing="room" operation="chat.configure" page="rooms" />
      </PageHead>
      <SearchList
        page="rooms"
        thing="room"
        pages={{ ...pages, items: byActivity }}
        idOf={({ room }) => room}
        prefix={prefix}
        onPrefix={setPrefix}
        empty={{ title: "There is no room yet.", text: "The first message or visitor opens one." }}
        row={({ room, visibility, messages, members, present, lastAt }) => (
          <a className="row" href={hrefOf("rooms", room)}>
            <span className="row-name">{room}</span>
            <span className="row-tags">
              {visibility !== null && <span className="tag">{visibility}</span>}
              {present > 0 && <span className="tag is-live">{whole(present)} present</span>}
            </span>
            <span className="row-fact">{members > 0 && plural(members, "member")}</span>
            <span className="row-fact">
              {lastAt === null ? (
                "no message"
              ) : (
                <>
                  active <Ago at={lastAt} />
                </>
              )}
            </span>
            <span className="row-number figures">{plural(messages, "message")}</span>
          </a>
        )}
      />
    </>
  );
}
