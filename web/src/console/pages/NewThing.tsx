import { useState } from "react";
import { go } from "../router.js";
import { OperationSheet } from "../ui/OperationSheet.js";

interface NewThingProps {
  thing: "board" | "room" | "counter";
  operation: "leaderboard.configure" | "chat.configure" | "counter.configure";
  page: string;
}

/** A button that opens a form, which creates a board, a room or a counter. */
export function NewThing({ thing, operation, page }: NewThingProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button primary" onClick={() => setOpen(true)}>
        New {thing}
      </button>
      {isOpen && (
        <OperationSheet
          operation={operation}
          title={`New ${thing}`}
          lead={`If a ${thing} of this id exists, its rules are replaced.`}
          first={thing}
          action={`Create the ${thing}`}
          done={`Created the ${thing}`}
          onDone={(_, input) => go(page, String(input[thing]))}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
