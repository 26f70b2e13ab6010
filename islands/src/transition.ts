/** Names the one tile a person leaves by, and the picture it becomes, for the view transition between the two pages. */

const name = "piece";
const outside = /^\/(psp|mail|docs)\b/;

export function nameTransitions(): void {
  if (!("onpageswap" in window)) return;
  document.addEventListener("click", (event) => {
    const tile = event.target instanceof Element ? event.target.closest<HTMLElement>(".tile") : null;
    const picture = tile?.querySelector<HTMLElement>(".tile-media > .picture");
    if (picture) picture.style.viewTransitionName = name;
  });
  const arrived = document.querySelector<HTMLElement>("[data-slide] .piece-picture");
  if (arrived) arrived.style.viewTransitionName = name;
  window.addEventListener("pageswap", skipOutside);
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll<HTMLElement>(".tile-media > .picture").forEach((picture) => {
      picture.style.viewTransitionName = "";
    });
  });
}

/** Pages of others on our origin take no part in transitions; begun towards them, one would end in an error. */
function skipOutside(event: Event): void {
  const { viewTransition, activation } = event as PageSwapEvent;
  if (!viewTransition || !outside.test(new URL(activation?.entry.url ?? location.href).pathname)) return;
  viewTransition.ready.catch(() => undefined);
  viewTransition.skipTransition();
}
