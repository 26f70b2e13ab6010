/** Names the one tile a person leaves by, and the picture it becomes, for the view transition between the two pages. */

const name = "piece";

export function nameTransitions(): void {
  if (!("onpageswap" in window)) return;
  document.addEventListener("click", (event) => {
    const tile = event.target instanceof Element ? event.target.closest<HTMLElement>(".tile") : null;
    const picture = tile?.querySelector<HTMLElement>(".tile-media > .picture");
    if (picture) picture.style.viewTransitionName = name;
  });
  const arrived = document.querySelector<HTMLElement>("[data-slide] .piece-picture");
  if (arrived) arrived.style.viewTransitionName = name;
  window.addEventListener("pageswap", forgive);
  window.addEventListener("pagereveal", forgive);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll<HTMLElement>(".tile-media > .picture").forEach((picture) => {
      picture.style.viewTransitionName = "";
    });
  });
}

/** A page that takes no part in transitions, the payment provider's for one, ends ours: that is no fault to report. */
function forgive(event: Event): void {
  const { viewTransition } = event as Event & { viewTransition?: ViewTransition | null };
  for (const promise of [viewTransition?.ready, viewTransition?.finished]) promise?.catch(() => undefined);
}
