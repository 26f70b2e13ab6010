/** The 3D viewer, fetched when somebody asks for it; the picture stays until the model is ready. */

const decoders = "/static/dist/decoders/";

interface Locations {
  dracoDecoderLocation: string;
  ktx2TranscoderLocation: string;
  meshoptDecoderLocation: string;
}

export default function model(element: HTMLElement): void {
  const button = element.querySelector("button");
  const slide = element.closest<HTMLElement>("[data-slide]");
  if (!button || !slide) return;
  const ask = button.textContent;
  let viewer: HTMLElement | undefined;

  const show = (visible: boolean): void => {
    if (viewer) viewer.hidden = !visible;
    button.textContent = visible ? (element.dataset["back"] ?? "") : ask;
    slide.classList.toggle("shows-model", visible);
  };

  const load = async (): Promise<void> => {
    button.setAttribute("aria-busy", "true");
    button.textContent = element.dataset["loading"] ?? "";
    const locations: Locations = {
      dracoDecoderLocation: `${decoders}draco/`,
      ktx2TranscoderLocation: `${decoders}basis/`,
      meshoptDecoderLocation: `${decoders}meshopt/meshopt_decoder.js`,
    };
    Object.assign(window, { ModelViewerElement: locations });
    await import("@google/model-viewer");
    viewer = await appear(element, slide);
    button.removeAttribute("aria-busy");
    show(true);
  };

  button.addEventListener("click", () => {
    if (viewer) {
      show(viewer.hidden);
      return;
    }
    load().catch(() => {
      button.removeAttribute("aria-busy");
      button.textContent = element.dataset["failed"] ?? "";
      button.disabled = true;
      slide.querySelector(".viewer")?.remove();
    });
  });
}

/** Puts the viewer over the picture and resolves once the model is drawn. */
function appear(element: HTMLElement, slide: HTMLElement): Promise<HTMLElement> {
  const frame = document.createElement("div");
  frame.className = "viewer";
  const viewer = document.createElement("model-viewer");
  viewer.setAttribute("src", element.dataset["src"] ?? "");
  viewer.setAttribute("alt", element.dataset["alt"] ?? "");
  for (const name of ["camera-controls", "touch-action", "interaction-prompt", "shadow-intensity", "environment-image"]) {
    viewer.setAttribute(name, { "touch-action": "pan-y", "interaction-prompt": "none", "shadow-intensity": "0.4", "environment-image": "neutral" }[name] ?? "");
  }
  frame.append(viewer);
  slide.prepend(frame);
  return new Promise((resolve, reject) => {
    viewer.addEventListener("load", () => resolve(frame), { once: true });
    viewer.addEventListener("error", () => reject(new Error("model")), { once: true });
  });
}
