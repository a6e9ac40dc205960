// The world as one SVG path per country: `import world from "virtual:world"` (Natural Earth, public domain).

import { createRequire } from "node:module";
import { geoCentroid, geoEqualEarth, geoPath } from "d3-geo";
import { feature } from "topojson-client";

const ID = "virtual:world";
const WIDTH = 1200;
const NO_CODE = { Kosovo: "XK", "N. Cyprus": "CY", Somaliland: "SO" };
const LEFT_OUT = new Set(["AQ"]);

const require = createRequire(import.meta.url);

/** The Vite plugin that serves the module. */
export function atlas() {
  return {
    name: "footfall-atlas",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load: (id) => (id === `\0${ID}` ? `export default ${JSON.stringify(draw())}` : undefined),
  };
}

/** `{width, height, shapes: {DE: "M…Z"}, dots: {SG: [x, y]}}`; dots are countries too small for a shape. */
function draw() {
  const codes = Object.fromEntries(
    require("i18n-iso-countries/codes.json").map(([code, , number]) => [number, code]),
  );
  const coarse = features("countries-110m.json", codes);
  const whole = { type: "FeatureCollection", features: coarse.map(({ shape }) => shape) };
  const projection = geoEqualEarth().rotate([-11, 0]).fitWidth(WIDTH, whole);
  const path = geoPath(projection).digits(0);
  const shapes = {};
  for (const { code, shape } of coarse) shapes[code] = (shapes[code] ?? "") + path(shape);
  const dots = {};
  for (const { code, shape } of features("countries-50m.json", codes)) {
    if (!shapes[code]) dots[code] = projection(geoCentroid(shape)).map((value) => Math.round(value));
  }
  return { width: WIDTH, height: Math.ceil(path.bounds(whole)[1][1]), shapes, dots };
}

/** Code and shape of each country. */
function features(file, codes) {
  const topology = require(`world-atlas/${file}`);
  return feature(topology, topology.objects.countries)
    .features.map((shape) => ({ code: codes[shape.id] ?? NO_CODE[shape.properties.name], shape }))
    .filter(({ code, shape }) => code && !LEFT_OUT.has(code) && shape.geometry);
}
