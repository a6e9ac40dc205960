// Drives `@umami/node` as a backend of the site would.
//   node drive-send.mjs < {"url", "website"}
// Prints one JSON list: status and body of each answer.

import { readFileSync } from 'node:fs';
import umami from '@umami/node';

const told = JSON.parse(readFileSync(0, 'utf8'));
umami.default.init({ websiteId: told.website, hostUrl: told.url });
const client = umami.default;

const answers = [
  await client.track({ url: '/pricing', hostname: 'shop.example', title: 'Pricing' }),
  await client.track('signup', { plan: 'pro', seats: 5, when: new Date(Date.UTC(2025, 4, 20, 13, 45, 12)) }),
  await client.track('bought', { revenue: 19.99, currency: 'EUR' }),
  await client.identify({ company: 'Acme' }),
  await client.identify({ seats: 5 }),
];
const said = [];
for (const answer of answers) said.push([answer.status, await answer.json()]);
process.stdout.write(JSON.stringify(said));
