import type { ReactNode } from "react";
import type { Root } from "react-dom/client";

/**
 * Mounts components that render nothing, so that hooks run in React's real renderer without a DOM. The
 * object `container` has all the fields that React reads from an empty container.
 */
export async function mount(node: ReactNode): Promise<Root> {
  Object.assign(globalThis, { window: globalThis, HTMLIFrameElement: class {} });
  const { createRoot } = await import("react-dom/client");
  const target = { addEventListener: () => {}, removeEventListener: () => {} };
  const ownerDocument = { ...target, nodeType: 9 };
  const container = { ...target, nodeType: 1, nodeName: "DIV", tagName: "DIV", ownerDocument };
  const root = createRoot(container as unknown as Element);
  root.render(node);
  return root;
}
