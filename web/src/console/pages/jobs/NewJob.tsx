import { useState } from "react";
import { OperationSheet } from "../../ui/OperationSheet.js";

/** A button that opens a form for a new job of the app. @param queue null if the form also asks for the queue */
export function NewJob({ queue, onAdded }: { queue: string | null; onAdded: (queue: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button primary" onClick={() => setOpen(true)}>
        Add a job
      </button>
      {isOpen && (
        <OperationSheet
          operation="job.add"
          title={queue === null ? "Add a job" : `Add a job to ${queue}`}
          lead="A worker of your app takes it when it is due."
          of={queue === null ? {} : { queue }}
          first="queue"
          action="Add the job"
          done="Added the job"
          onDone={(_, input) => onAdded(queue ?? String(input.queue))}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
