// Drives one published OpenPanel client as an app would.
//   node drive.mjs SCENARIO < {"apiUrl", "clientId", "clientSecret", …}
// Prints one JSON object: what the client said of the visitor.

import { readFileSync } from 'node:fs';

const told = JSON.parse(readFileSync(0, 'utf8'));
const { apiUrl, clientId, clientSecret } = told;

// The clients retry three times in vain before they say so, and say it only here.
const complaints = [];
console.error = (...words) => complaints.push(words.map(String).join(' '));

/** What a backend that speaks for its visitor sends along (the express client does it so). */
function speakFor(client, visitor) {
  client.api.addHeader('user-agent', visitor.browser);
  client.api.addHeader('openpanel-client-ip', visitor.address);
}

async function backend(OpenPanel) {
  const op = new OpenPanel({ apiUrl, clientId, clientSecret });
  op.setGlobalProperties({ release: '7.1' });
  await op.track('server_started', { nested: { region: 'eu' } });
  await op.identify({
    profileId: 'ada',
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada@shop.example',
    properties: { plan: 'pro' },
  });
  await op.track('invoice_sent', { amount: 12 });
  await op.increment({ profileId: 'ada', property: 'logins', value: 3 });
  await op.decrement({ profileId: 'ada', property: 'logins' });
  await op.revenue(4999, { currency: 'EUR' });
  return op;
}

const scenarios = {
  async 'sdk-1.3.1'() {
    const { OpenPanel } = await import('@openpanel/sdk');
    const op = await backend(OpenPanel);
    await op.upsertGroup({ id: 'acme', type: 'company', name: 'Acme', properties: { seats: 5 } });
    await op.setGroup('acme');
    await op.track('report_opened', { profileId: 42 });
    return {};
  },

  async 'sdk-1.0.4'() {
    const { OpenPanel } = await import('openpanel-sdk-1.0.4');
    await backend(OpenPanel);
    return {};
  },

  async visitors() {
    const { OpenPanel } = await import('@openpanel/sdk');
    const found = [];
    for (const visitor of told.visitors) {
      const op = new OpenPanel({ apiUrl, clientId, clientSecret });
      speakFor(op, visitor);
      for (const page of visitor.pages) {
        await op.track('screen_view', { __path: page, __title: `Title of ${page}` });
      }
      if (visitor.profile) {
        await op.identify({ profileId: visitor.profile, firstName: visitor.profile });
        await op.track('signed_in', {});
      }
      const deviceId = op.getDeviceId();
      const shop = new OpenPanel({ apiUrl, clientId, clientSecret });
      if (visitor.pays) await shop.revenue(visitor.pays, { deviceId });
      found.push({ deviceId, sessionId: op.getSessionId(), fetched: await op.fetchDeviceId() });
    }
    return { found };
  },

  async 'device-id'() {
    const { OpenPanel } = await import('openpanel-sdk-1.0.4');
    const op = new OpenPanel({ apiUrl, clientId, clientSecret });
    speakFor(op, told.visitors[0]);
    const before = await op.fetchDeviceId();
    await op.track('screen_view', { __path: 'https://shop.example/' });
    return { before, after: await op.fetchDeviceId() };
  },

  async queued() {
    const { OpenPanel } = await import('@openpanel/sdk');
    const op = new OpenPanel({ apiUrl, clientId, clientSecret, disabled: true });
    speakFor(op, told.visitors[0]);
    op.track('screen_view', { __path: 'https://shop.example/offline' });
    op.track('added_to_cart', { article: 'tea' });
    await sleep(20);
    op.ready();
    for (let times = 0; times < 100 && !op.getDeviceId(); times += 1) await sleep(100);
    await sleep(1000);
    return { deviceId: op.getDeviceId() };
  },

  async 'web-1.4.1'() {
    const page = browserPage('https://shop.example/?utm_source=newsletter', 'https://www.google.com/');
    const { OpenPanel } = await import('@openpanel/web');
    const op = new OpenPanel({
      apiUrl,
      clientId,
      trackScreenViews: true,
      trackOutgoingLinks: true,
      trackAttributes: true,
    });
    // What a browser adds of itself.
    op.api.addHeader('origin', 'https://shop.example');
    op.api.addHeader('user-agent', told.visitors[0].browser);
    op.api.addHeader('x-forwarded-for', told.visitors[0].address);
    await sleep(300);
    page.goTo('https://shop.example/pricing', 'Pricing');
    await sleep(300);
    page.click('a', { href: 'https://elsewhere.example/', text: 'Elsewhere' });
    page.click('button', { 'data-track': 'plan_chosen', 'data-plan-name': 'pro' });
    await sleep(300);
    return { deviceId: op.getDeviceId(), sessionId: op.getSessionId() };
  },
};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** As much of a browser's page as the web client touches: address, title, history, clicks, storage. */
function browserPage(href, referrer) {
  const document = Object.assign(new EventTarget(), { referrer, title: 'Home', currentScript: null });
  const window = Object.assign(new EventTarget(), { location: new URL(href) });
  const kept = new Map();
  Object.assign(globalThis, {
    document,
    window,
    history: {
      pushState: (_state, _title, to) => { window.location = new URL(to, window.location); },
      replaceState: () => {},
    },
    sessionStorage: {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, value),
      removeItem: (name) => kept.delete(name),
    },
  });
  return {
    goTo(to, title) {
      document.title = title;
      history.pushState({}, '', to);
    },
    click(tag, { text = '', ...attributes }) {
      const element = {
        innerText: text,
        attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
        getAttribute: (name) => attributes[name] ?? null,
        closest: (wanted) => (wanted === tag ? element : null),
      };
      const event = new Event('click');
      Object.defineProperty(event, 'target', { value: element });
      document.dispatchEvent(event);
    },
  };
}

const said = await scenarios[process.argv[2]]();
process.stdout.write(JSON.stringify({ ...said, complaints }));
