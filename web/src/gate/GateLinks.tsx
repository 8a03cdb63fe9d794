/**
 * Links for developers. The link to the source is missing if the page was built without a public repository.
 */
export function GateLinks() {
  const source = import.meta.env.VITE_SOURCE_URL;
  return (
    <nav className="gate-links" aria-label="For developers">
      <a href="/docs">API reference</a>
      <a href="/openapi.json">OpenAPI</a>
      <a href="/asyncapi.json">AsyncAPI</a>
      {source && <a href={source}>Source</a>}
    </nav>
  );
}
