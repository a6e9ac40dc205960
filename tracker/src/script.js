// `/script.js`: takes the attributes and functions of Umami's tracker and sends to `/api/send`.

import { asksNotToBeTracked, attention, followClicks, followPages, post, whenShown } from './page.js';

const EVENT = 'data-umami-event';

const element = document.currentScript || document.querySelector('script[data-website-id]');
const given = element.dataset;
const website = given.websiteId;
const isSet = (name) => given[name] == 'true';
const host = (given.hostUrl || new URL('.', element.src).href).replace(/\/$/, '');

let { referrer } = document;
if (referrer.startsWith(location.origin)) referrer = '';
let id;
let cache;
let isRefused;

/** The page's URL as it is told: without what the site excludes. */
function address() {
  const url = new URL(location);
  if (isSet('excludeSearch')) url.search = '';
  if (isSet('excludeHash')) url.hash = '';
  return url.href;
}

/** What is told of every hit; JSON leaves out what is undefined. */
const page = (more) => ({
  website,
  screen: `${screen.width}x${screen.height}`,
  language: navigator.language,
  title: document.title,
  hostname: location.hostname,
  url: address(),
  referrer,
  tag: given.tag,
  id,
  ...more,
});

function isDisabled() {
  try {
    if (localStorage['umami.disabled']) return true;
  } catch {
    // A browser that keeps no storage can't have opted out in it.
  }
  return (
    isRefused ||
    !website ||
    (given.domains && !given.domains.split(/[\s,]+/).includes(location.hostname)) ||
    (isSet('doNotTrack') && asksNotToBeTracked())
  );
}

async function send(payload, type = 'event') {
  if (isDisabled()) return;
  if (document.prerendering) await new Promise((resolve) => whenShown(document.readyState, resolve));
  const hook = window[given.beforeSend];
  if (hook) payload = await hook(type, payload);
  if (!payload) return;
  const headers = cache == null ? {} : { 'x-umami-cache': cache };
  const answer = await post(host + '/api/send', headers, { type, payload }, given.fetchCredentials);
  if (answer) ({ cache, disabled: isRefused } = answer);
}

/** `track()`, `track(name, data?)`, `track(payload)`, `track(defaults => payload)`. */
function track(what, data) {
  if (typeof what == 'string') return send(page({ name: what, data }));
  if (typeof what == 'function') return send(what(page()));
  return send(what ? { website, ...what } : page());
}

/** `identify(id)`, `identify(id, data)`, `identify(data)`. */
function identify(who, data = who) {
  if (typeof who == 'string') id = who;
  cache = '';
  return send(page({ data: typeof data == 'string' ? undefined : data }), 'identify');
}

/** A click on an element that names an event, or in a link or button that does. */
function clicked(target) {
  const named = [target.closest('a,button'), target].find((found) => found?.hasAttribute(EVENT));
  if (!named) return;
  const data = {};
  for (const { name, value } of named.attributes) if (name.startsWith(EVENT + '-')) data[name.slice(17)] = value;
  track(named.getAttribute(EVENT), data);
}

function start() {
  const report = (url, { engagement, ...data }) => send(page({ url, engagement, data }), 'engagement');
  const view = (_, last) => {
    referrer = last ?? referrer;
    track();
  };
  followPages(address, 300, view, attention(isSet('visibleTime'), isSet('scrollDepth'), report));
  followClicks(clicked, isSet('outboundLinks'), isSet('downloads'), track);
  if (isSet('performance')) {
    const landing = page();
    const tell = (found) => send({ ...landing, ...found }, 'performance');
    import(host + '/vitals.js').then(({ measure }) => measure(tell), () => {});
  }
}

window.umami ||= { track, identify, getSession: () => ({ cache, website }) };
if (given.autoTrack != 'false') whenShown('complete', start);
