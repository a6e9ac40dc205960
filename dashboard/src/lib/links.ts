// Addresses of other pages of the project that say more than `view.link`.

import { withFilter, writeFilter, type Filter } from "./filters";
import { view } from "./view.svelte";

/** A session, with an instant of it, because a session is found sooner by when it was. */
export const sessionLink = (id: string, at: string): string => withParameters(view.link("sessions", id), { at });

/** A page with one more filter. */
export const filteredLink = (page: string, added: Filter): string =>
  withParameters(view.link(page), { f: withFilter(view.filters, added).map(writeFilter) });

function withParameters(address: string, parameters: Record<string, string | string[]>): string {
  const url = new URL(address, location.href);
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.delete(name);
    for (const each of [value].flat()) url.searchParams.append(name, each);
  }
  return url.pathname + url.search;
}
