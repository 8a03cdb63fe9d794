/** Where a developer reads on. A checkout without a public repository has no link to its source. */
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
