// Names the text's font in index.html, so that it comes with the styles and not after them.

const FONT = /inter-latin-wght-normal.*\.woff2$/;

/** The Vite plugin. */
export function preloadFont() {
  return {
    name: "footfall-preload",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const font = Object.keys(bundle ?? {}).find((name) => FONT.test(name));
        if (!font) return [];
        const attrs = { rel: "preload", as: "font", type: "font/woff2", crossorigin: "", href: `/${font}` };
        return [{ tag: "link", attrs, injectTo: "head" }];
      },
    },
  };
}
