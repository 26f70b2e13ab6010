/** The pictures of a piece: which one is in view on a phone, and a picture enlarged to look at the making. */

const largest = 4;

export default function gallery(element: HTMLElement): void {
  const strip = element.querySelector<HTMLElement>(".gallery");
  const position = element.querySelector<HTMLElement>("[data-position]");
  const slides = [...element.querySelectorAll<HTMLElement>("[data-slide]")];

  if (strip && position) {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) position.textContent = String(slides.indexOf(entry.target as HTMLElement) + 1);
      }
    }, { root: strip, threshold: 0.6 });
    slides.forEach((slide) => seen.observe(slide));
  }

  for (const slide of slides) {
    const image = slide.querySelector("img");
    const frame = image?.closest<HTMLElement>(".picture");
    if (!image || !frame) continue;
    const opener = document.createElement("button");
    opener.type = "button";
    opener.className = "gallery-open";
    opener.setAttribute("aria-label", `${element.dataset["zoom"] ?? ""}: ${image.alt}`);
    frame.replaceWith(opener);
    opener.append(frame);
    opener.addEventListener("click", () => enlarge(image, element.dataset["close"] ?? "", element.dataset["zoom"] ?? ""));
  }
}

function enlarge(image: HTMLImageElement, close: string, title: string): void {
  const dialog = document.createElement("dialog");
  dialog.className = "zoom";
  dialog.setAttribute("aria-label", title);
  const picture = new Image();
  picture.src = largestSource(image);
  picture.alt = image.alt;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button compact quiet";
  button.textContent = close;
  button.addEventListener("click", () => dialog.close());
  dialog.append(picture, button);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  magnify(picture);
}

/** The widest file of the format the browser already chose. */
function largestSource(image: HTMLImageElement): string {
  const chosen = image.currentSrc || image.src;
  const sources = [...(image.closest("picture")?.querySelectorAll("source") ?? [])].map((source) => source.srcset);
  const set = sources.find((srcset) => srcset.includes(new URL(chosen).pathname));
  return set?.split(",").at(-1)?.trim().split(" ")[0] ?? chosen;
}

function magnify(picture: HTMLImageElement): void {
  const pointers = new Map<number, PointerEvent>();
  let scale = 1;
  let x = 0;
  let y = 0;
  let spread = 0;
  let moved = false;

  const draw = (): void => {
    if (scale === 1) x = y = 0;
    picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    picture.style.cursor = scale > 1 ? "grab" : "zoom-in";
  };
  const zoom = (to: number): void => {
    scale = Math.min(largest, Math.max(1, to));
    draw();
  };
  const distance = (): number => {
    const [one, two] = [...pointers.values()];
    return one && two ? Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY) : 0;
  };

  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(scale * (event.deltaY < 0 ? 1.12 : 0.89));
  }, { passive: false });
  picture.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, event);
    picture.setPointerCapture(event.pointerId);
    spread = distance();
    moved = false;
  });
  picture.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2) {
      const now = distance();
      if (spread) zoom((scale * now) / spread);
      spread = now;
    } else if (scale > 1) {
      x += event.clientX - before.clientX;
      y += event.clientY - before.clientY;
      draw();
    }
    if (Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) > 2) moved = true;
  });
  for (const end of ["pointerup", "pointercancel"] as const) {
    picture.addEventListener(end, (event) => {
      pointers.delete(event.pointerId);
      if (end === "pointerup" && !moved && !pointers.size) zoom(scale > 1 ? 1 : 2.5);
    });
  }
}
