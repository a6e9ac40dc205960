// What is put into a site or a program so that it sends to this server.

export const WAYS = ["script", "op1", "web", "nextjs", "umami", "node", "python", "curl", "log"] as const;
export type Way = (typeof WAYS)[number];

export interface Told {
  /** Where this server is: `https://analytics.example`. */
  host: string;
  project: string;
  uuid: string;
  /** A client that may send, and its secret. */
  client: string;
  secret: string;
}

/** Whether a way needs the client's secret too: whatever is no page of the site. */
export const needsSecret = (way: Way): boolean => way === "node" || way === "python" || way === "curl";

/** Whether pages send by it, which their origin must be allowed to. */
export const needsOrigin = (way: Way): boolean => way === "op1" || way === "web" || way === "nextjs";

/** The parts of a way, in order, each with where it goes: a file, or a shell. */
export function snippets(way: Way, { host, project, uuid, client, secret }: Told): { place: string; code: string }[] {
  switch (way) {
    case "script":
      return [{ place: "HTML <head>", code: `<script defer src="${host}/script.js" data-website-id="${project}"></script>` }];
    case "umami":
      return [{ place: "HTML <head>", code: `<script defer src="${host}/script.js" data-website-id="${uuid}"></script>` }];
    case "op1":
      return [{ place: "HTML <head>", code: op1(host, client) }];
    case "web":
      return [
        { place: "Shell", code: "npm install @openpanel/web" },
        { place: "analytics.js", code: web(host, client) },
      ];
    case "nextjs":
      return [
        { place: "Shell", code: "npm install @openpanel/nextjs" },
        { place: "app/layout.tsx", code: nextjs(host, client) },
      ];
    case "node":
      return [
        { place: "Shell", code: "npm install @openpanel/sdk" },
        { place: "analytics.js", code: node(host, client, secret) },
      ];
    case "python":
      return [
        { place: "Shell", code: "pip install openpanel" },
        { place: "analytics.py", code: python(host, client, secret) },
      ];
    case "curl":
      return [{ place: "Shell", code: curl(host, client, secret) }];
    case "log":
      return [{ place: "Shell", code: `footfall import access-log /var/log/nginx/access.log* --project ${project}` }];
  }
}

const op1 = (host: string, client: string): string => `<script>
  window.op = window.op || function () { (window.op.q = window.op.q || []).push(arguments); };
  window.op('init', {
    clientId: '${client}',
    trackScreenViews: true,
    trackOutgoingLinks: true,
    trackAttributes: true,
  });
</script>
<script src="${host}/op1.js" defer async></script>`;

const web = (host: string, client: string): string => `import { OpenPanel } from '@openpanel/web';

export const op = new OpenPanel({
  apiUrl: '${host}',
  clientId: '${client}',
  trackScreenViews: true,
  trackOutgoingLinks: true,
  trackAttributes: true,
});

// op.track('signup', { plan: 'pro' });`;

const nextjs = (host: string, client: string): string => `import { OpenPanelComponent } from '@openpanel/nextjs';

export default function RootLayout({ children }) {
  return (
    <html>
      <body>
        <OpenPanelComponent
          apiUrl="${host}"
          scriptUrl="${host}/op1.js"
          clientId="${client}"
          trackScreenViews={true}
        />
        {children}
      </body>
    </html>
  );
}`;

const node = (host: string, client: string, secret: string): string => `import { OpenPanel } from '@openpanel/sdk';

const op = new OpenPanel({
  apiUrl: '${host}',
  clientId: '${client}',
  clientSecret: '${secret}',
});

await op.track('order_shipped', { carrier: 'post' });`;

const python = (host: string, client: string, secret: string): string => `from openpanel import OpenPanel

op = OpenPanel(
    client_id="${client}",
    client_secret="${secret}",
    api_url="${host}",
)
op.track("order_shipped", {"carrier": "post"})`;

const curl = (host: string, client: string, secret: string): string => `curl ${host}/track \\
  -H 'content-type: application/json' \\
  -H 'openpanel-client-id: ${client}' \\
  -H 'openpanel-client-secret: ${secret}' \\
  -d '{"type": "track", "payload": {"name": "order_shipped", "properties": {"carrier": "post"}}}'`;
