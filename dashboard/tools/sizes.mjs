// Prints what a browser loads: the first load (index.html and what it names) and each later chunk, gzipped.
// Fails when the first load's JavaScript is over the budget.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET = 150 * 1024;
const folder = process.argv[2];
const html = readFileSync(join(folder, "index.html"), "utf8");
const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1).padStart(6)} KB`;

const files = readdirSync(join(folder, "assets"))
  .filter((name) => /\.(js|css)$/.test(name))
  .map((name) => ({
    name,
    bytes: gzipSync(readFileSync(join(folder, "assets", name))).length,
    first: html.includes(`/assets/${name}`),
  }))
  .sort((one, other) => other.first - one.first || other.bytes - one.bytes);

for (const { name, bytes, first } of files) console.log(`${kilobytes(bytes)} ${first ? "first" : "later"}  ${name}`);
const total = files.filter((file) => file.first && file.name.endsWith(".js")).reduce((sum, file) => sum + file.bytes, 0);
console.log(`${kilobytes(total)} JavaScript of the first load, gzipped (at most ${BUDGET / 1024} KB)`);
if (total > BUDGET) {
  console.error(`the first load's JavaScript is ${kilobytes(total).trim()}, more than ${BUDGET / 1024} KB`);
  process.exit(1);
}
