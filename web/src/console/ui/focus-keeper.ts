/** What counts as a row of a list or table. The items of a list inside a row do not count. */
const ROW = ".rows > li, [role=listitem], tbody > tr";
const CONTROLS = "a[href], button:not(:disabled), summary";

/** The place of the focused element, to find the next place for the focus when the element vanishes. */
interface Spot {
  element: HTMLElement;
  rows: readonly Element[];
  /** The index of the element's row in `rows`; the number of rows if the element is in none of them. */
  at: number;
  /** The index of the element among the controls of its row. */
  control: number;
  ancestors: readonly Element[];
}

/**
 * Keeps the place of the keyboard focus when the focused element vanishes or is disabled. Otherwise the next press of Tab would
 * start at the top of the page. If the element is disabled for a while, it gets the focus back afterwards. If the element
 * vanishes, the focus goes to the first of these that exists:
 * - another control of its row
 * - a control in a later row of its list, else in an earlier row
 * - the heading of the nearest part of the page around the element; for a tab panel, the button that shows the panel
 * @returns a function that stops keeping the focus
 */
export function keepFocus(root: HTMLElement): () => void {
  /** Where the focus was last: in the page, and in the dialog that is open over the page. */
  const spots: { page: Spot | null; dialog: Spot | null } = { page: null, dialog: null };

  const note = ({ target }: FocusEvent) => {
    const element = target as HTMLElement;
    if (element === root) spots.page = null;
    else spots[isInDialog(element) ? "dialog" : "page"] = spotOf(element);
  };
  // A click outside of all controls takes the focus away on purpose. If a click moves the focus to a control, `focusin` notes
  // the new spot. A click on the control that has the focus already causes no `focusin`, so its spot is kept.
  const forget = ({ target }: PointerEvent) => {
    const focused = document.activeElement;
    if (focused !== document.body && focused?.contains(target as Node)) return;
    spots.page = null;
    spots.dialog = null;
  };
  const observer = new MutationObserver(() => {
    if (document.activeElement !== document.body) {
      const { page } = spots;
      // The rows around the focused element may have changed.
      if (page?.element.isConnected) spots.page = spotOf(page.element);
      return;
    }
    const isOver = root.querySelector("dialog:modal") !== null;
    const spot = isOver ? spots.dialog : spots.page;
    if (spot !== null) placeAfter(spot)?.focus();
  });

  root.addEventListener("focusin", note);
  document.addEventListener("pointerdown", forget, true);
  observer.observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["disabled", "open"],
  });
  return () => {
    root.removeEventListener("focusin", note);
    document.removeEventListener("pointerdown", forget, true);
    observer.disconnect();
  };
}

function spotOf(element: HTMLElement): Spot {
  const row = element.closest(ROW);
  const scope = row === null ? element.parentElement : row.closest("table, ul, [role=list]");
  const rows = scope === null ? [] : [...scope.querySelectorAll(ROW)];
  return {
    element,
    rows,
    at: row === null ? rows.length : rows.indexOf(row),
    control: row === null ? 0 : controlsOf(row).indexOf(element),
    ancestors: ancestorsOf(element),
  };
}

/** Where the focus goes from a spot; null while the element of the spot is disabled, and if there is no place. */
function placeAfter({ element, rows, at, control, ancestors }: Spot): HTMLElement | null {
  if (element.isConnected) return element.matches(":disabled") ? null : element;
  const order = [...rows.slice(at), ...rows.slice(0, at).reverse()];
  for (const row of order) {
    const controls = row.isConnected ? controlsOf(row) : [];
    if (controls.length > 0) return controls[Math.min(Math.max(control, 0), controls.length - 1)]!;
  }
  for (const ancestor of ancestors) {
    const heading = ancestor.isConnected ? headingOf(ancestor) : null;
    if (heading !== null) return heading;
  }
  return null;
}

/** Finds the tab of a tab panel, or the heading of any other part of the page. Makes the heading focusable. */
function headingOf(part: Element): HTMLElement | null {
  if (part.getAttribute("role") === "tabpanel") {
    return document.getElementById(part.getAttribute("aria-labelledby") ?? "");
  }
  const heading = part.querySelector<HTMLElement>("h1, h2");
  heading?.setAttribute("tabindex", "-1");
  return heading;
}

function ancestorsOf(element: Element): Element[] {
  const ancestors: Element[] = [];
  for (let part = element.parentElement; part !== null; part = part.parentElement) ancestors.push(part);
  return ancestors;
}

function controlsOf(row: Element): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>(CONTROLS)];
}

function isInDialog(element: Element): boolean {
  return element.closest("dialog") !== null;
}
