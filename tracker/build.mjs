// Writes /script.js, /op1.js and the module /vitals.js, small, into the folder that is named: `node build.mjs FOLDER`.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

const [folder] = process.argv.slice(2);
const target = 'es2021';
mkdirSync(folder, { recursive: true });
for (const name of ['script.js', 'op1.js', 'vitals.js']) {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL(`src/${name}`, import.meta.url))],
    bundle: true,
    format: 'esm',
    target,
    minifySyntax: true,
    minifyIdentifiers: true,
    write: false,
  });
  // esbuild puts the modules together; terser makes them a few percent smaller than esbuild does.
  const small = await minify(bundle.outputFiles[0].text, {
    module: true,
    compress: { passes: 4, ecma: 2020, inline: 1, keep_fargs: false, unsafe_arrows: true, hoist_funs: true },
  });
  const part = join(folder, `${name}.part`);
  // A script keeps its names to itself; a module does so anyway.
  writeFileSync(part, name == 'vitals.js' ? small.code : `(()=>{${small.code}})();\n`);
  renameSync(part, join(folder, name));
}
