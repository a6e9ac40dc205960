// The live stream of a project: who is here, and what they do, as it happens.

import { ApiError, open, part } from "$lib/api";

/** Who is here. */
export interface Now {
  at: number;
  visitors: number;
  pages: { path: string; title: string; visitors: number }[];
  countries: { country: string; visitors: number }[];
}

/** What somebody did a moment ago. */
export interface LiveEvent {
  id: string;
  name: string;
  createdAt: string;
  path: string;
  title: string;
  referrer: string;
  country: string;
  city: string;
  browser: string;
  os: string;
  device: string;
  deviceId: string;
  profileId: string;
  sessionId: string;
  /** In minor units of the currency. */
  revenue: number;
  currency: string;
}

const KEPT = 100;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** Somebody is told of at least every fifteen seconds; a stream that says nothing for longer is dead. */
const SILENCE_MS = 40_000;

/** Whether the stream runs: on its way, there, lost and tried again, or not tried because nobody looks. */
export type State = "connecting" | "open" | "lost" | "paused";

export class LiveStream {
  now = $state.raw<Now | undefined>();
  /** Newest first. */
  events = $state.raw<LiveEvent[]>([]);
  state = $state<State>("connecting");
  error = $state.raw<ApiError | undefined>();

  /** Must be made while a component is initialised. `project` '' : not known yet. */
  constructor(project: () => string) {
    let isHidden = $state(document.hidden);
    $effect(() => {
      const look = (): boolean => (isHidden = document.hidden);
      document.addEventListener("visibilitychange", look);
      return () => document.removeEventListener("visibilitychange", look);
    });
    $effect(() => {
      const wanted = project();
      if (!wanted) return undefined;
      if (isHidden) {
        this.state = "paused";
        return undefined;
      }
      const controller = new AbortController();
      void this.#run(wanted, controller.signal);
      return () => controller.abort();
    });
  }

  async #run(project: string, signal: AbortSignal): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      this.state = this.now ? this.state : "connecting";
      try {
        await this.#read(`/dashboard/live/${part(project)}`, signal, () => (waitMs = FIRST_WAIT_MS));
      } catch (error) {
        if (signal.aborted) return;
        this.error = error instanceof ApiError ? error : new ApiError(0, "");
        if (this.error.status >= 400 && this.error.status < 500 && this.error.status !== 429) {
          this.state = "lost";
          return;
        }
        waitMs = Math.max(waitMs, 1000 * this.error.retryAfterS);
      }
      if (signal.aborted) return;
      this.state = "lost";
      await pause(waitMs, signal);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }

  /** Reads one connection to its end; the server ends it now and then. */
  async #read(address: string, signal: AbortSignal, begun: () => void): Promise<void> {
    const silence = new AbortController();
    const response = await open(address, "text/event-stream", AbortSignal.any([signal, silence.signal]));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    begun();
    this.state = "open";
    this.error = undefined;
    let rest = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        const { done, value } = await reader.read();
        if (done) return;
        const messages = (rest + value).split("\n\n");
        rest = messages.pop() ?? "";
        messages.forEach((message) => this.#take(message));
      }
    } finally {
      clearTimeout(timer);
      // Nothing is left to be done about a stream that can't be ended.
      void reader.cancel().catch(() => undefined);
    }
  }

  #take(message: string): void {
    const lines = message.split("\n");
    const of = (field: string): string[] => lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).trimStart());
    const [name] = of("event");
    const data = of("data").join("\n");
    if (!data) return;
    if (name === "now") this.now = JSON.parse(data) as Now;
    if (name === "events") this.#add(JSON.parse(data) as LiveEvent[]);
  }

  #add(arrived: LiveEvent[]): void {
    const known = new Set(this.events.map((event) => event.id));
    const fresh = arrived.filter((event) => !known.has(event.id));
    if (fresh.length) this.events = [...fresh.toReversed(), ...this.events].slice(0, KEPT);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
