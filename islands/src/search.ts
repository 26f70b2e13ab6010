/** Opens the search overlay instead of the search page; "/" opens it from anywhere. Suggestions come through htmx. */

export default function search(link: HTMLElement): void {
  const sheet = document.getElementById(link.dataset["searchSheet"] ?? "");
  if (!sheet?.showPopover) return;

  link.addEventListener("click", (event) => {
    if (event instanceof MouseEvent && (event.metaKey || event.ctrlKey || event.shiftKey)) return;
    event.preventDefault();
    sheet.showPopover();
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    sheet.showPopover();
  });

  sheet.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const stops = [...sheet.querySelectorAll<HTMLElement>("input[type=search], .suggestion")];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
}
