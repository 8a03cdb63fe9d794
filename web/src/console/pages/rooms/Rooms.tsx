import { useSearch } from "../../api/useSearch.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { Ago } from "../../ui/Ago.js";
import { plural, whole } from "../../ui/format.js";
import { SearchList } from "../../ui/SearchList.js";
import { NewThing } from "../NewThing.js";

export function Rooms() {
  const search = useSearch(
    "admin.rooms",
    ({ rooms }) => rooms,
    ({ room }) => room,
  );
  const byActivity = search.pages.items.toSorted((one, other) =>
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
        {...search}
        pages={{ ...search.pages, items: byActivity }}
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
