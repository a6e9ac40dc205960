// What both scripts know of a page: when it counts as seen, when another takes its place, which links are clicked,
// and how to tell the server. Nothing here knows a dialect.

// Every event that is listened to passes the window on its way down.
const on = (names, listener) => names.split(' ').map((name) => addEventListener(name, listener, true));

/** Run `run` once the document is shown to somebody and its readyState is one of `states`. */
export function whenShown(states, run) {
  const check = () => {
    if (!run || document.prerendering || !states.includes(document.readyState)) return;
    run();
    run = 0;
  };
  on('readystatechange prerenderingchange', check);
  check();
}

/** Whether the browser asks not to be tracked. */
export const asksNotToBeTracked = () => /^(1|yes)$/.test(navigator.doNotTrack);

/**
 * Call `view(url, last)` for this page and for each that takes its place without a load: by the history API, by
 * going back, or restored from the browser's memory. `last` is the URL before, '' for a restored page, undefined for
 * the first. `address()` gives the URL as it is to be told; two views in a row have different ones.
 *
 * A page counts `settle` ms after it came, so that redirects don't and its title is there. A jump to an anchor is
 * not a page, unless `hashes`. `leave(url, isOver)` is called when a page is left, and when it is hidden and may be
 * seen again.
 */
export function followPages(address, settle, view, leave, hashes) {
  let shown;
  let timer;
  const bare = (url) => url.split('#')[0];
  const show = () => {
    const last = shown;
    timer = clearTimeout(timer);
    shown = address();
    if (shown != last) view(shown, last);
  };
  const moved = () => {
    if (address() != shown) leave(shown, 1);
    clearTimeout(timer);
    timer = setTimeout(show, settle);
  };
  for (const name of ['pushState', 'replaceState']) {
    const original = history[name];
    history[name] = function (...given) {
      original.apply(this, given);
      moved();
    };
  }
  on('popstate', () => (hashes || bare(address()) != bare(shown)) && moved());
  on('pagehide visibilitychange', () => {
    if (timer) show();
    leave(shown);
  });
  on('pageshow', (event) => {
    if (event.persisted) {
      shown = '';
      show();
    }
  });
  show();
}

/**
 * Measure how long a page is in sight (`time`, ms) and how far down it was seen (`depth`, percent). Gives the `leave`
 * of followPages: it calls `report(url, {engagement, scroll_depth})` with the time since the last report and the
 * depth so far.
 */
export function attention(time, depth, report) {
  let seen = 0;
  let deepest = 0;
  let since;
  const look = () => {
    const bottom = (100 * (scrollY + innerHeight)) / document.documentElement.scrollHeight;
    deepest = Math.min(100, Math.max(deepest, Math.round(bottom)));
  };
  const leave = (url, isOver) => {
    const now = performance.now();
    if (since) seen += now - since;
    since = !document.hidden && now;
    look();
    // Less is no look at all: browsers say twice that a page goes.
    if (seen > 99 && (time || depth)) {
      report(url, { ...(time && { engagement: Math.round(seen) }), ...(depth && { scroll_depth: deepest }) });
      seen = 0;
    }
    if (isOver) seen = deepest = 0;
  };
  on('scroll', look);
  leave();
  return leave;
}

const FILE = /\.(pdf|zip|t?gz|rar|7z|dmg|pkg|exe|msi|deb|rpm|apk|csv|docx?|xlsx?|pptx?|mp[34])$/i;

/**
 * Call `clicked(element)` for clicks, before the page's own listeners. Call `track(name, {href, text})` for links
 * that lead away (`link_out`) and to files (`download`), if they are wanted.
 */
export function followClicks(clicked, outgoing, downloads, track) {
  on('click auxclick', ({ target, button }) => {
    // 2 and above open a menu or go back.
    if (button > 1 || !target.closest) return;
    clicked(target);
    const link = target.closest('a[href]');
    if (!/^http/.test(link?.protocol)) return;
    const { href, text } = link;
    const isFile = link.hasAttribute('download') || FILE.test(link.pathname);
    const name = downloads && isFile ? 'download' : outgoing && link.host != location.host && 'link_out';
    if (name) track(name, { href, text });
  });
}

/**
 * POST `body` as JSON so that it survives the page; the answer's JSON, or undefined. Tried up to four times where
 * the server was not reached or could not take it.
 */
export async function post(url, headers, body, credentials = 'omit') {
  body = JSON.stringify(body);
  for (let wait = 500; wait < 5e3; wait *= 2) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
      credentials,
      // Browsers let no more than 64 KiB outlive a page.
      keepalive: body.length < 2e4,
    }).catch(() => {});
    if (answer?.status < 500 && answer.status != 429) return answer.json().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
