// What the roles of users and of members of a team are called.

import { texts } from "$lib/i18n.svelte";

export const ROLES = ["admin", "user", "view-only"] as const;
export type Role = (typeof ROLES)[number];

/** The roles that may be given in a team; a team has one owner from the start. */
export const TEAM_ROLES = ["team-manager", "team-member", "team-view-only"] as const;
export type TeamRole = (typeof TEAM_ROLES)[number] | "team-owner";

export const roleName = texts<Role>({
  en: { admin: "Admin", user: "User", "view-only": "Viewer" },
  de: { admin: "Admin", user: "Benutzer", "view-only": "Nur ansehen" },
});

export const roleHint = texts<Role>({
  en: { admin: "Sees and changes everything.", user: "Makes projects and teams; sees their own and their teams’.", "view-only": "Sees the projects of their teams." },
  de: { admin: "Sieht und ändert alles.", user: "Legt Projekte und Teams an; sieht die eigenen und die der Teams.", "view-only": "Sieht die Projekte der Teams." },
}); // prettier-ignore

export const teamRoleName = texts<TeamRole>({
  en: { "team-owner": "Owner", "team-manager": "Manager", "team-member": "Member", "team-view-only": "Viewer" },
  de: { "team-owner": "Besitzer", "team-manager": "Verantwortlich", "team-member": "Mitglied", "team-view-only": "Nur ansehen" },
});
