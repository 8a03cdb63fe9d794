import type { Client, InputOf, OperationName, OutputOf } from "@grandstand/sdk";

type Paged = {
  [N in OperationName]: OutputOf<N> extends { nextCursor: string | null } ? N : never;
}[OperationName];

/** Reads a whole list, a page at a time, and yields the ids of each page. */
export async function* idPages<N extends Paged>(
  client: Client,
  operation: N,
  input: Omit<InputOf<N>, "cursor">,
  idsOf: (page: OutputOf<N>) => readonly string[],
): AsyncIterable<readonly string[]> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.call(operation, { ...input, ...(cursor && { cursor }) } as InputOf<N>);
    yield idsOf(page);
    cursor = (page as { nextCursor: string | null }).nextCursor;
  }
}
