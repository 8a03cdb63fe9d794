import { Code } from "./Copy.js";

/** A secret that the server shows once. */
export function Secret({ secret }: { secret: string }) {
  return (
    <>
      <p className="sheet-lead">This is the only time that the secret is shown. Copy it now.</p>
      <Code text={secret} label="The secret" />
    </>
  );
}
