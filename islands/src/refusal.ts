/**
 * A part of a page must not swallow an error page. When htmx is answered with a refusal, a form is sent again the plain
 * way, with the same idempotency key, so that the server's own page says what happened; anything else stays as it is.
 */

interface SwapDetail {
  ctx: { sourceElement: Element; response?: { status?: number; raw?: Response } };
}

export function showRefusals(): void {
  document.addEventListener("htmx:before:swap", (event) => {
    const { sourceElement, response } = (event as CustomEvent<SwapDetail>).detail.ctx;
    const status = response?.status ?? response?.raw?.status ?? 200;
    if (status < 400) return;
    event.preventDefault();
    if (sourceElement instanceof HTMLFormElement) HTMLFormElement.prototype.submit.call(sourceElement);
  });
}
