import { useSearch } from "../../api/useSearch.js";
import { hrefOf } from "../../router.js";
import { PageHead } from "../../shell/PageHead.js";
import { Ago } from "../../ui/Ago.js";
import { plural } from "../../ui/format.js";
import { SearchList } from "../../ui/SearchList.js";

export function Users() {
  const search = useSearch(
    "admin.users",
    ({ users }) => users,
    ({ user }) => user,
  );
  const lately = search.pages.items.toSorted((one, other) =>
    (one.lastSeenAt ?? "") < (other.lastSeenAt ?? "") ? 1 : -1,
  );
  return (
    <>
      <PageHead title="Users" lead="Users who were in a room, have a session or received a notice" />
      <SearchList
        page="users"
        thing="user"
        {...search}
        pages={{ ...search.pages, items: lately }}
        empty={{
          title: "Nothing is stored about any user.",
          text: "Members of boards who were never online are on the pages of their boards.",
        }}
        row={({ user, online, rooms, sessions, lastSeenAt }) => (
          <a className="row" href={hrefOf("users", user)}>
            <span className="row-name">{user}</span>
            <span className="row-tags">{online && <span className="tag is-live">online</span>}</span>
            <span className="row-fact">{rooms > 0 && `in ${plural(rooms, "room")}`}</span>
            <span className="row-fact">{sessions > 0 && plural(sessions, "session")}</span>
            <span className="row-number">
              {online ? "now" : lastSeenAt === null ? "not seen" : <Ago at={lastSeenAt} />}
            </span>
          </a>
        )}
      />
    </>
  );
}
