/** A notice leaves by itself after it could be read; it stays while it is pointed at or holds the focus. */
export default function notice(element: HTMLElement): void {
  const leave = (): void => {
    if (element.matches(":hover, :focus-within")) window.setTimeout(leave, 2_000);
    else element.remove();
  };
  window.setTimeout(leave, 8_000);
}
