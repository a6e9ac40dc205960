// Drives one published Umami client as a program of the site's owner would.
//   node drive-umami.mjs VERSION < {"url", "secret", "userId", "password"}
// Prints one JSON object: what the client was told.

import { readFileSync } from 'node:fs';

const told = JSON.parse(readFileSync(0, 'utf8'));

/** 0.80 answers {ok, status, data, error}; what is not ok is a complaint. */
function good(answer) {
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return answer.data;
}

const scenarios = {
  async '0.80.0'() {
    const { getClient } = (await import('umami-api-client-0.80')).default;
    const client = getClient({ userId: told.userId, secret: told.secret, apiEndpoint: told.url + '/api' });
    const said = { verify: good(await client.verify()), me: good(await client.getMe()) };
    said.login = good(await client.login('ada', told.password));
    said.refused = await client.login('ada', 'wrong');
    const made = good(await client.createWebsite({ name: 'Shop', domain: 'shop.example' }));
    said.made = made;
    said.read = good(await client.getWebsite(made.id));
    said.changed = good(
      await client.updateWebsite(made.id, { name: 'Store', domain: 'store.example', shareId: 'store123' }),
    );
    said.share = good(await client.getShare('store123'));
    said.list = good(await client.getWebsites({ page: 1, pageSize: 5 }));
    const [team, owner] = good(await client.createTeam({ name: 'Us' }));
    said.team = good(await client.getTeam(team.id));
    said.owner = owner;
    said.members = good(await client.getTeamUsers(team.id));
    said.myTeams = good(await client.getMyTeams());
    said.user = good(await client.createUser({ username: 'eve', password: 'eve-eve-eve', role: 'user' }));
    said.userAgain = await client.createUser({ username: 'eve', password: 'eve-eve-eve', role: 'user' });
    said.reset = good(await client.resetWebsite(made.id));
    said.deleted = good(await client.deleteWebsite(made.id));
    said.gone = await client.getWebsite(made.id);
    said.deletedTeam = good(await client.deleteTeam(team.id));
    said.heartbeat = good(await client.heartbeat());
    return said;
  },

  async '0.81.0'() {
    const { UmamiClient } = await import('@umami/api-client');
    const guest = new UmamiClient({ baseUrl: told.url + '/api' });
    const said = { login: await guest.login({ username: 'ada', password: told.password }) };
    const client = new UmamiClient({ baseUrl: told.url + '/api', token: said.login.token });
    said.verify = await client.verify();
    said.me = await client.getMe();
    said.made = await client.createWebsite({ name: 'Shop', domain: 'shop.example' });
    const websiteId = said.made.id;
    said.read = await client.getWebsite({ websiteId });
    said.changed = await client.updateWebsite({ websiteId, name: 'Store' });
    const share = await client.createWebsiteShare({ websiteId, name: 'Everybody' });
    said.share = await client.getShareBySlug({ slug: share.slug });
    said.list = await client.listWebsites({ page: 1, pageSize: 5 });
    const [team, owner] = await client.createTeam({ name: 'Us' });
    said.team = await client.getTeam({ teamId: team.id });
    said.owner = owner;
    said.members = await client.getTeamUsers({ teamId: team.id });
    said.myTeams = await client.getMyTeams();
    said.transferred = await client.transferWebsite({ websiteId, teamId: team.id });
    const key = await client.createMyApiKey({ name: 'ci' });
    const byKey = new UmamiClient({ baseUrl: told.url + '/api', apiKey: key.key });
    said.byKey = await byKey.getMe();
    said.keys = await byKey.getMyApiKeys();
    said.segment = await client.createWebsiteSegment({ websiteId, type: 'segment', name: 'All', parameters: {} });
    said.link = await client.createLink({ name: 'Ad', url: 'https://store.example/', slug: 'ad-1' });
    said.links = await client.getLinks();
    said.user = await client.createUser({ username: 'eve', password: 'eve-eve-eve', role: 'user' });
    said.refused = await guest.getMe().catch((error) => ({ status: error.status, code: error.code }));
    said.invalid = await client
      .createWebsite({ name: 5 })
      .catch((error) => ({ status: error.status, code: error.code, message: error.message }));
    said.deleted = await client.deleteWebsite({ websiteId });
    said.deletedTeam = await client.deleteTeam({ teamId: team.id });
    said.logout = await client.logout();
    return said;
  },
};

console.log(JSON.stringify(await scenarios[process.argv[2]]()));
