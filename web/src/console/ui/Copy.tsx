import { useAnnounce } from "./Announcer.js";

/** A code block with a button that copies its text. */
export function Code({ text, label }: { text: string; label: string }) {
  const announce = useAnnounce();
  const copy = async () => {
    try {
      // Browsers have no `clipboard` on a page without TLS, except on localhost.
      await navigator.clipboard.writeText(text);
      announce(`Copied: ${label}`);
    } catch {
      announce("The browser refused to copy");
    }
  };
  return (
    <div className="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, also by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>
          <code>{text}</code>
        </pre>
      </section>
      <button type="button" className="button small" onClick={copy}>
        Copy
      </button>
    </div>
  );
}
