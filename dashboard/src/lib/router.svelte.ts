// Where we are: a history router. Paths say what is looked at, the query how (range, filters, …), so any address
// can be shared and the browser's back button works.

/** What an address means. */
export type Route =
  | { name: "home" | "login" | "setup" }
  | { name: "site"; slug: string; page: string; rest: string[] }
  | { name: "share"; slug: string; page: string; rest: string[] }
  | { name: "settings"; page: string; rest: string[] }
  | { name: "unknown" };

/** The route of a path. */
export function parse(pathname: string): Route {
  const [area = "", ...parts] = pathname.split("/").slice(1).filter(Boolean).map(decode);
  switch (area) {
    case "":
      return { name: "home" };
    case "login":
    case "setup":
      return parts.length ? { name: "unknown" } : { name: area };
    case "site":
    case "share": {
      const [slug = "", page = "overview", ...rest] = parts;
      return slug ? { name: area, slug, page, rest } : { name: "unknown" };
    }
    case "settings": {
      const [page = "account", ...rest] = parts;
      return { name: "settings", page, rest };
    }
    default:
      return { name: "unknown" };
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

class Router {
  url = $state.raw(new URL(location.href));
  route = $derived(parse(this.url.pathname));

  constructor() {
    addEventListener("popstate", () => (this.url = new URL(location.href)));
    addEventListener("click", (event) => this.#follow(event));
  }

  /** Go to an address of ours, `/site/shop/overview?range=7d`; `replace`: without a step to go back to. */
  go(address: string, { replace = false } = {}): void {
    const url = new URL(address, location.href);
    if (url.href === this.url.href) return;
    history[replace ? "replaceState" : "pushState"](null, "", url);
    const isNewPage = url.pathname !== this.url.pathname;
    this.url = url;
    if (isNewPage) scrollTo(0, 0);
  }

  /** The same page with another query; null removes a parameter. */
  with(changes: Record<string, string | string[] | null>): string {
    const url = new URL(this.url);
    for (const [name, value] of Object.entries(changes)) {
      url.searchParams.delete(name);
      for (const each of value === null ? [] : [value].flat()) url.searchParams.append(name, each);
    }
    return url.pathname + url.search;
  }

  /** Links of ours are followed without loading a page. */
  #follow(event: MouseEvent): void {
    const anchor = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!anchor || !isPlain || event.defaultPrevented || anchor.target || anchor.hasAttribute("download")) return;
    const url = new URL(anchor.href, location.href);
    if (url.origin !== location.origin || parse(url.pathname).name === "unknown") return;
    event.preventDefault();
    this.go(url.href);
  }
}

export const router = new Router();
