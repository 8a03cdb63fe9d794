import { useSyncExternalStore } from "react";

/** Where the console is, from the part of the URL after `#/`. The id is decoded. */
export interface Place {
  page: string;
  /** What the page is about, such as the id of a room; null for a list, such as that of all rooms. */
  id: string | null;
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(
    (onChange) => {
      window.addEventListener("hashchange", onChange);
      return () => window.removeEventListener("hashchange", onChange);
    },
    () => window.location.hash,
  );
  const [page = "", id] = hash.replace(/^#\/?/, "").split("/", 2);
  return { page: page === "" ? "overview" : page, id: id ? decoded(id) : null };
}

export function hrefOf(page: string, id?: string): string {
  return id === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
}

export function go(page: string, id?: string): void {
  window.location.hash = hrefOf(page, id);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
