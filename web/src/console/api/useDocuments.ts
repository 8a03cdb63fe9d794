import { useEffect, useState } from "react";
import { type Documents, readDocuments } from "./documents.js";

export function useDocuments(): { documents: Documents | null; hasFailed: boolean } {
  const [documents, setDocuments] = useState<Documents | null>(null);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    let isGone = false;
    readDocuments().then(
      (read) => !isGone && setDocuments(read),
      () => !isGone && setFailed(true),
    );
    return () => {
      isGone = true;
    };
  }, []);
  return { documents, hasFailed };
}
