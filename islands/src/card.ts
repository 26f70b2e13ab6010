/** The membership card leans towards the pointer by at most six degrees. */

const limit = 6;

export default function card(element: HTMLElement): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches || !matchMedia("(hover: hover)").matches) return;
  const stage = element.parentElement ?? element;

  stage.addEventListener("pointermove", (event) => {
    const box = stage.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width - 0.5;
    const down = (event.clientY - box.top) / box.height - 0.5;
    element.style.setProperty("--tilt-y", `${(across * 2 * limit).toFixed(2)}deg`);
    element.style.setProperty("--tilt-x", `${(-down * 2 * limit).toFixed(2)}deg`);
  });
  stage.addEventListener("pointerleave", () => {
    element.style.removeProperty("--tilt-x");
    element.style.removeProperty("--tilt-y");
  });
}
