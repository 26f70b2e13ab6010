/** Brings elements marked `data-island="name"` to life, once each, also after htmx has swapped some in.
 *  One that lives has `data-alive`. */

export type Island = (element: HTMLElement) => void;
export type Loader = () => Promise<{ default: Island }>;

const mounted = new WeakSet<HTMLElement>();

export function mountAll(islands: Record<string, Loader>): void {
  const mountWithin = (root: ParentNode): void => {
    for (const element of root.querySelectorAll<HTMLElement>("[data-island]")) {
      const load = islands[element.dataset["island"] ?? ""];
      if (!load || mounted.has(element)) continue;
      mounted.add(element);
      void load().then((module) => {
        module.default(element);
        element.dataset["alive"] = "";
      });
    }
  };
  mountWithin(document);
  document.addEventListener("htmx:after:swap", () => mountWithin(document));
}
