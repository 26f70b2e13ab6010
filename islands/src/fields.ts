/**
 * The card's fields in a frame of the payment provider's. Only the frame itself, of the origin in `data-origin`, is listened to;
 * it tells its height, that something went wrong, or a token, which is posted once. Nothing that is typed there comes here.
 */

interface Said {
  height?: unknown;
  token?: unknown;
  trouble?: unknown;
}

const token = /^tok_[0-9a-f]{32}$/;
const tallest = 1_200;

export default function fields(element: HTMLElement): void {
  const frame = element.querySelector("iframe");
  const form = element.querySelector("form");
  const text = element.querySelector<HTMLElement>("[data-fields-text]");
  const input = form?.querySelector<HTMLInputElement>("input[name=token]");
  const origin = element.dataset["origin"];
  if (!frame || !form || !input || !origin) return;
  let sent = false;
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.origin !== origin || event.source !== frame.contentWindow) return;
    const said = (event.data ?? {}) as Said;
    if (typeof said.height === "number" && said.height > 0) {
      frame.style.height = `${Math.min(Math.ceil(said.height) + 4, tallest)}px`;
    }
    if (said.trouble === true && text) text.textContent = text.dataset["trouble"] ?? "";
    if (typeof said.token !== "string" || !token.test(said.token) || sent) return;
    sent = true;
    input.value = said.token;
    form.requestSubmit();
  });
  const ask = (): void => frame.contentWindow?.postMessage({ ask: "height" }, origin);
  frame.addEventListener("load", ask);
  ask();
}
