// Filters: what the API takes (docs/insights.md), and how they are written in an address: `f=country,is,Germany`,
// once per filter. A comma or percent sign in a part is percent-encoded there.

export const OPERATORS = [
  "is", "isNot", "contains", "doesNotContain", "startsWith", "endsWith", "regex",
  "isNull", "isNotNull", "gt", "lt", "gte", "lte",
] as const; // prettier-ignore

export type Operator = (typeof OPERATORS)[number];

export interface Filter {
  name: string;
  operator: Operator;
  value: string[];
}

/** Operators that need no value. */
export const hasNoValue = (operator: Operator): boolean => operator === "isNull" || operator === "isNotNull";

/** The fields of the filter dialog, by what they are about; any property is one too, as `properties.<key>`. */
export const FIELD_GROUPS = {
  pages: ["path", "entry_path", "exit_path", "origin", "title"],
  sources: ["referrer_type", "referrer_name", "referrer", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"],
  places: ["country", "region", "city"],
  technology: ["device", "browser", "browser_version", "os", "os_version", "brand", "model"],
  behaviour: ["name", "revenue", "has_profile"],
} as const; // prettier-ignore

export type FieldGroup = keyof typeof FIELD_GROUPS;

export const NUMERIC_OPERATORS: readonly Operator[] = ["gt", "gte", "lt", "lte", "is", "isNot"];

export const filter = (name: string, value: string | null, operator: Operator = "is"): Filter =>
  value === null || value === "" ? { name, operator: "isNull", value: [] } : { name, operator, value: [value] };

/** As the API's parameter `filters`; undefined if there are none. */
export const filtersQuery = (filters: readonly Filter[]): string | undefined =>
  filters.length ? JSON.stringify(filters) : undefined;

export const writeFilter = ({ name, operator, value }: Filter): string =>
  [name, operator, ...value].map((part) => part.replace(/[%,]/g, encodeURIComponent)).join(",");

/** The filters of an address's query, each once; what makes no sense is left out. */
export function readFilters(query: URLSearchParams): Filter[] {
  const found = query.getAll("f").flatMap((text): Filter[] => {
    const [name = "", operator = "", ...value] = text.split(",").map(decode);
    if (!name || !OPERATORS.includes(operator as Operator)) return [];
    if (!value.length && !hasNoValue(operator as Operator)) return [];
    return [{ name, operator: operator as Operator, value: [...new Set(value)] }];
  });
  return [...new Map(found.map((each) => [writeFilter(each), each])).values()];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** With one more filter. Another value of a field that already `is` something else takes its place. */
export function withFilter(filters: readonly Filter[], added: Filter): Filter[] {
  const same = (other: Filter): boolean => writeFilter(other) === writeFilter(added);
  if (filters.some(same)) return [...filters];
  const replaces = (other: Filter): boolean =>
    other.name === added.name && [other.operator, added.operator].every((each) => each === "is" || each === "isNull");
  return [...filters.filter((other) => !replaces(other)), added];
}
