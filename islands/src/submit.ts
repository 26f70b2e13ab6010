/** Keeps a form from being sent twice: the server is idempotent by key, the eye should see one press. */

export function guardSubmits(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
    if (form.dataset["sent"] === "yes") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset["sent"] = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
    window.setTimeout(() => release(form), form.hasAttribute("hx-post") ? 1_500 : 10_000);
  }, { capture: true });

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form").forEach(release);
  });
}

function release(form: HTMLFormElement): void {
  delete form.dataset["sent"];
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  const key = form.elements.namedItem("idempotency_key");
  if (form.hasAttribute("hx-post") && key instanceof HTMLInputElement) key.value = crypto.randomUUID();
}
