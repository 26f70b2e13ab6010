/** The 3D viewer, fetched when somebody asks for it; the picture stays until the model is ready. */

const decoders = "/static/dist/decoders/";

const manner = {
  "camera-controls": "",
  "touch-action": "pan-y",
  "interaction-prompt": "none",
  "environment-image": "neutral",
  "shadow-intensity": "0.4",
  exposure: "0.78",
};

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
      show(!slide.classList.contains("shows-model"));
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
  for (const [name, value] of Object.entries(manner)) viewer.setAttribute(name, value);
  frame.append(viewer);
  slide.append(frame);
  adoptStyles(viewer);
  return new Promise((resolve, reject) => {
    viewer.addEventListener("load", () => resolve(frame), { once: true });
    viewer.addEventListener("error", () => reject(new Error("model")), { once: true });
  });
}

/** The viewer brings its styles as an inline element, which our content policy refuses; adopted sheets are allowed. */
function adoptStyles(viewer: HTMLElement): void {
  const root = viewer.shadowRoot;
  if (!root) return;
  for (const style of root.querySelectorAll("style")) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style.textContent ?? "");
    root.adoptedStyleSheets.push(sheet);
    style.remove();
  }
}
