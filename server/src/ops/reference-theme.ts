const css = `
.back { display: inline-block; margin: 1rem 0 0 1rem; color: #3b4151; font: 600 0.95rem system-ui, sans-serif; }
html.dark-mode { color-scheme: dark; }
html.dark-mode body { background: #1c2022; }
html.dark-mode .back { color: #e4e6e6; }
.swagger-ui .info { margin: 1.5rem 0; }
@media (width < 48rem) {
  .swagger-ui .wrapper { padding: 0 0.75rem; }
  .swagger-ui .scheme-container .schemes { flex-wrap: wrap; gap: 1rem; }
  .swagger-ui .opblock .opblock-summary-control { flex-wrap: wrap; min-width: 0; }
  .swagger-ui .opblock .opblock-summary-path { max-width: 100%; overflow-wrap: anywhere; }
  .swagger-ui .opblock .opblock-summary-description { flex-basis: 100%; padding: 0.3rem 0.6rem; }
  .swagger-ui table.parameters, .swagger-ui .responses-table { display: block; overflow-x: auto; }
}
`;

/** Adds what the page of Swagger UI lacks: a viewport, a link to the root, and dark colours if the system prefers them. */
const js = `
const viewport = document.createElement("meta");
viewport.name = "viewport";
viewport.content = "width=device-width, initial-scale=1";
document.head.append(viewport);

const back = document.createElement("a");
back.className = "back";
back.href = "/";
back.textContent = "\u2190 Grandstand";
document.body.prepend(back);

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
`;

/**
 * How the API reference differs from plain Swagger UI: its title, dark colours, a layout for phones, and a link
 * to the root.
 */
export const referenceTheme = {
  title: "API reference · Grandstand",
  css: [{ filename: "grandstand.css", content: css }],
  js: [{ filename: "grandstand.js", content: js }],
};
