/** A sheet opens, takes the focus and closes by itself as a popover; this keeps the page behind it still and the focus inside. */

const focusable = "a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), select, textarea, summary";

export default function sheet(element: HTMLElement): void {
  element.addEventListener("toggle", (event) => {
    document.documentElement.style.overflow = (event as ToggleEvent).newState === "open" ? "hidden" : "";
  });

  element.addEventListener("keydown", (event) => {
    if (event.key !== "Tab") return;
    const stops = [...element.querySelectorAll<HTMLElement>(focusable)].filter((stop) => stop.checkVisibility());
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    const other = event.shiftKey ? stops.at(-1) : stops[0];
    if (edge && document.activeElement === edge) {
      event.preventDefault();
      other?.focus();
    }
  });
}
