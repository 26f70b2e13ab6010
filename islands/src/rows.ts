/** j and k move through the rows of an office table, by their first link. */
export function moveThroughRows(): void {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
    if (typing || event.metaKey || event.ctrlKey || (event.key !== "j" && event.key !== "k")) return;
    const links = [...document.querySelectorAll<HTMLElement>(".table tbody tr")].flatMap((row) => row.querySelector("a") ?? []);
    const at = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
    const next = links[at + (event.key === "j" ? 1 : -1)];
    next?.focus();
  });
}
