// Parts of the dashboard are loaded when they are gone to. An update of the server gives them other names, and a
// browser never asks again for a part that failed: then the page itself has to be loaded anew.

import { request } from "./api";

const AT_LEAST_OPEN_MS = 10_000;

/** Load the page anew, if the server is there to answer. Throws ApiError otherwise. */
export async function renew(): Promise<void> {
  await request("/dashboard/session");
  location.reload();
}

/** From now on a part that can't be loaded renews the page; not right after it was loaded, when that would not help. */
export function renewWithoutParts(): void {
  addEventListener("vite:preloadError", () => {
    if (performance.now() > AT_LEAST_OPEN_MS) renew().catch(() => undefined);
  });
}
