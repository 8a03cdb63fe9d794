import type { InputOf, OutputOf } from "@grandstand/sdk";
import { useState } from "react";
import { type Pages, usePages } from "./usePages.js";

type Searching = "admin.rooms" | "admin.users" | "counter.list" | "job.queues";

export interface Search<T> {
  pages: Pages<T>;
  idOf: (item: T) => string;
  prefix: string;
  onPrefix: (prefix: string) => void;
}

const PAGE = 50;

/** A paged list for a `SearchList`. It contains only the items whose id begins with `prefix`. */
export function useSearch<N extends Searching, T>(
  operation: N,
  itemsOf: (page: OutputOf<N>) => readonly T[],
  idOf: (item: T) => string,
): Search<T> {
  const [prefix, onPrefix] = useState("");
  const input = { limit: PAGE, ...(prefix !== "" && { prefix }) };
  const pages = usePages(operation, input as unknown as Omit<InputOf<N>, "cursor">, itemsOf, idOf);
  return { pages, idOf, prefix, onPrefix };
}
