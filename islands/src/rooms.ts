/** Where the menu of rooms is wider than a phone, the room one is in stands in the middle of it. */
export function showCurrentRoom(): void {
  const room = document.querySelector(".hub-menu [aria-current], .office-nav [aria-current]");
  room?.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
}
