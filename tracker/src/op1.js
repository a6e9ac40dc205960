// `/op1.js`: takes the calls that wait in OpenPanel's `window.op` and sends to `/track`.

import { asksNotToBeTracked, attention, followClicks, followPages, post, whenShown } from './page.js';

const PENDING = 'openpanel-pending-revenues';

const source = document.currentScript?.src;
let held = [];
let options = {};
let profileId;
let groups;
let known;
let common = { __referrer: document.referrer };
let path;
let unkept = [];

async function send(type, payload) {
  const body = { type, payload };
  if ((options.doNotTrack && asksNotToBeTracked()) || options.filter?.(body) == false) return;
  if (held) {
    payload.properties = { __timestamp: new Date(), ...payload.properties };
    held.push(body);
    return;
  }
  payload.profileId ??= profileId;
  const headers = {
    'openpanel-client-id': options.clientId,
    'openpanel-sdk-name': options.sdk || 'web',
    'openpanel-sdk-version': options.sdkVersion || '1.0.0',
  };
  return (known = await post(options.apiUrl + '/track', headers, body));
}

/** The revenue that waits in the tab, or in the page of a browser that keeps no storage; `next` takes its place. */
function pending(next) {
  try {
    if (next) sessionStorage[PENDING] = JSON.stringify(next);
    return JSON.parse(sessionStorage[PENDING] || '[]');
  } catch {
    return (unkept = next || unkept);
  }
}

const methods = {
  init(given) {
    if (options.clientId) return;
    options = { apiUrl: source && new URL('.', source).href.slice(0, -1), ...given };
    whenShown('interactive complete', start);
  },
  track(name, given) {
    let { profileId, groups: among = groups, ...properties } = given || {};
    properties = { ...common, __path: path || location.href, ...properties };
    return send('track', { name, profileId, groups: among, properties });
  },
  screenView(where, properties) {
    const isNamed = where?.big;
    const url = isNamed ? where : location.href;
    if (url == path) return;
    path = url;
    return methods.track('screen_view', { __title: document.title, ...(isNamed ? properties : where) });
  },
  identify(person) {
    profileId = person.profileId;
    if (options.waitForProfile) methods.ready();
    // An id alone is not worth a request.
    if (Object.keys(person)[1]) return send('identify', { ...person, properties: { ...common, ...person.properties } });
  },
  /** Send what was held back; from then on nothing is. */
  ready() {
    const waiting = held || [];
    held = 0;
    for (const { type, payload } of waiting) send(type, payload);
  },
  setGlobalProperties(properties) {
    common = { ...common, ...properties };
  },
  increment: (payload) => send('increment', payload),
  decrement: (payload) => send('decrement', payload),
  upsertGroup: (payload) => send('group', payload),
  setGroup: (id) => methods.setGroups([id]),
  setGroups(groupIds) {
    groups = groupIds;
    return send('assign_group', { groupIds });
  },
  revenue(__revenue, given) {
    const { deviceId: __deviceId, ...properties } = given || {};
    return methods.track('revenue', { ...properties, __revenue, __deviceId });
  },
  pendingRevenue(...given) {
    pending([...pending(), given]);
  },
  async flushRevenue() {
    const kept = pending();
    methods.clearRevenue();
    for (const given of kept) methods.revenue(...given);
  },
  clearRevenue() {
    pending([]);
  },
  clear() {
    profileId = groups = known = undefined;
  },
  alias() {},
  getDeviceId: () => known?.deviceId || '',
  getSessionId: () => known?.sessionId || '',
  fetchDeviceId: async () => methods.getDeviceId(),
};

function start() {
  if (!options.disabled && (!options.waitForProfile || profileId)) methods.ready();
  const report = (url, found) => methods.track('engagement', { __path: url, ...found });
  const leave = attention(options.trackVisibleTime, options.trackScrollDepth, report);
  const view = () => {
    path = '';
    methods.screenView();
  };
  if (options.trackScreenViews) followPages(() => location.href, 50, view, leave, options.trackHashChanges);
  const clicked = (target) => {
    const named = options.trackAttributes && target.closest('[data-track]');
    if (named) {
      const { track, ...properties } = named.dataset;
      methods.track(track, properties);
    }
  };
  followClicks(clicked, options.trackOutgoingLinks, options.trackDownloads, methods.track);
}

// The script may be on a page twice; the function that waits for it has no `init` of its own.
if (!('init' in (window.op || {}))) {
  const early = window.op?.q || [];
  window.op = Object.assign((method, ...given) => methods[method]?.(...given), methods);
  for (const call of early) window.op(...call);
}
