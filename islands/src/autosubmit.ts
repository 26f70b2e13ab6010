/** A choice that needs no button once script runs: sorting a list, changing a quantity. */
export default function autosubmit(element: HTMLElement): void {
  element.addEventListener("change", () => element.closest("form")?.requestSubmit());
}
