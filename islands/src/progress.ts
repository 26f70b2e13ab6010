/**
 * Follows something the server is finishing (a payment, an order). It listens to `data-events` and, where the stream
 * fails, asks `data-status` every few seconds. Both answer {text, location}; a location ends the wait.
 */

interface Progress {
  text?: string;
  location?: string | null;
}

const pollEvery = 3_000;
const failuresBeforePolling = 2;

export default function progress(element: HTMLElement): void {
  const { events, status } = element.dataset;
  const text = element.querySelector<HTMLElement>("[data-progress-text]");

  const show = (news: Progress): void => {
    if (text && news.text) text.textContent = news.text;
    if (!news.location) return;
    const target = new URL(news.location, location.href);
    if (target.origin === location.origin) location.replace(target);
  };

  const poll = async (): Promise<void> => {
    if (!status) return;
    try {
      const answer = await fetch(status, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.ok) show((await answer.json()) as Progress);
    } finally {
      window.setTimeout(() => void poll().catch(() => undefined), pollEvery);
    }
  };

  if (!events || !("EventSource" in window)) {
    void poll().catch(() => undefined);
    return;
  }
  const source = new EventSource(events);
  let failures = 0;
  source.addEventListener("message", (event) => {
    failures = 0;
    show(JSON.parse(String(event.data)) as Progress);
  });
  source.addEventListener("error", () => {
    failures += 1;
    const given = source.readyState === EventSource.CLOSED;
    if (!status || (!given && failures < failuresBeforePolling)) return;
    source.close();
    void poll().catch(() => undefined);
  });
  window.addEventListener("pagehide", () => source.close());
}
