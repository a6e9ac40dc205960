// `/vitals.js`: what a page load felt like, in Google's Web Vitals. `/script.js` asks for it where the site wants it.

/**
 * Measure this page load and call `tell({lcp, inp, cls, fcp, ttfb})` once, when the page is hidden or left; what was
 * not measured is not there. All in ms (at most a minute) but `cls`, which has no unit.
 */
export function measure(tell) {
  const found = {};
  const [load] = performance.getEntriesByType('navigation');
  const begin = load?.activationStart || 0; // of a page that was made ready before anybody asked for it
  const ms = (time) => Math.min(6e4, Math.max(0, Math.round(10 * (time - begin)) / 10));
  const open = [];
  const observe = (type, take, options) => {
    const observer = new PerformanceObserver((list) => list.getEntries().forEach(take));
    observer.observe({ type, buffered: true, ...options });
    open.push(() => observer.takeRecords().forEach(take));
  };

  if (load?.responseStart) found.ttfb = ms(load.responseStart);
  observe('paint', ({ name, startTime }) => {
    if (name == 'first-contentful-paint') found.fcp = ms(startTime);
  });
  observe('largest-contentful-paint', ({ startTime }) => (found.lcp = ms(startTime)));

  // Shifts that follow each other within a second are one, for five seconds at most; the worst counts.
  let sum = 0;
  let first;
  let last;
  if (PerformanceObserver.supportedEntryTypes.includes('layout-shift')) found.cls = 0;
  observe('layout-shift', ({ value, startTime, hadRecentInput }) => {
    if (hadRecentInput) return;
    const goesOn = startTime - last < 1e3 && startTime - first < 5e3;
    if (!goesOn) first = startTime;
    sum = goesOn ? sum + value : value;
    last = startTime;
    found.cls = Math.min(100, Math.max(found.cls, Math.round(1e4 * sum) / 1e4));
  });

  // The slowest interaction, but for one in fifty.
  const slow = {};
  observe(
    'event',
    ({ interactionId, duration }) => {
      if (!interactionId) return;
      slow[interactionId] = Math.max(slow[interactionId] || 0, duration);
      const all = Object.values(slow).sort((one, other) => other - one);
      found.inp = Math.min(6e4, all[Math.floor(all.length / 50)]);
    },
    { durationThreshold: 16 },
  );

  const finish = (event) => {
    if (event.type == 'visibilitychange' && !document.hidden) return;
    for (const rest of open.splice(0)) rest();
    if (tell && Object.keys(found)[0]) tell(found);
    tell = 0;
  };
  addEventListener('visibilitychange', finish, true);
  addEventListener('pagehide', finish, true);
}
