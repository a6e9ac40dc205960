// The page's heartbeat: every minute while it is looked at, all data is asked for again.

const BEAT_MS = 60_000;

class Clock {
  /** Counts heartbeats; read it to be run again with each. */
  beat = $state(0);
  #last = Date.now();

  constructor() {
    setInterval(() => this.#tick(), BEAT_MS);
    document.addEventListener("visibilitychange", () => this.#tick());
  }

  /** Ask for everything again now. */
  refresh(): void {
    this.#last = Date.now();
    this.beat += 1;
  }

  #tick(): void {
    if (!document.hidden && Date.now() - this.#last >= BEAT_MS - 1000) this.refresh();
  }
}

export const clock = new Clock();
