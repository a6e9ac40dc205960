// The API names countries in English; flags, the map and the reader's language want their codes.

import names from "../../../src/footfall/data/countries.json";

const codes = new Map(Object.entries(names).map(([code, name]) => [name, code]));

/** The ISO code of a country as the API names it; '' if it is none. */
export const countryCode = (name: string | null | undefined): string =>
  name ? (codes.get(name) ?? (/^[A-Z]{2}$/.test(name) ? name : "")) : "";
