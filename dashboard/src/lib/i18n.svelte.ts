// The reader's language. Texts stand beside what shows them, in both languages:
//
//   const t = texts({ en: { hits: "{count} hits" }, de: { hits: "{count} Treffer" } });
//   t("hits", { count: number(3) })
//
// A key that one language lacks is a type error.

const LANGUAGES = ["en", "de"] as const;
const STORED = "footfall.language";

export type Language = (typeof LANGUAGES)[number];
export const languages: readonly Language[] = LANGUAGES;

class Locale {
  language = $state<Language>(initial());

  /** For Intl: the browser's own variant of the language (en-GB), if it has one. */
  tag = $derived(navigator.languages.find((tag) => tag.split("-")[0] === this.language) ?? this.language);

  /** Choose a language; it is kept in this browser. */
  choose(language: Language): void {
    this.language = language;
    document.documentElement.lang = language;
    store(STORED, language);
  }
}

function initial(): Language {
  const wanted = [stored(STORED), ...navigator.languages.map((tag) => tag.split("-")[0])];
  const found = wanted.find((word): word is Language => LANGUAGES.includes(word as Language)) ?? "en";
  document.documentElement.lang = found;
  return found;
}

/** What this browser keeps under a name; null if nothing, or storage is blocked. */
export function stored(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Keep a text in this browser, if it lets us. */
export function store(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Storage is blocked: it holds until the page is left.
  }
}

export const locale = new Locale();

/** A function that gives the text of a key in the reader's language, its `{names}` filled in. */
export function texts<Key extends string>(dictionary: {
  en: Record<Key, string>;
  de: Record<NoInfer<Key>, string>;
}): (key: Key, values?: Record<string, string | number>) => string {
  return (key, values) => {
    const text = dictionary[locale.language][key];
    return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
  };
}
