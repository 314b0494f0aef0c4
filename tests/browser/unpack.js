// Takes what the tests need out of npm's packages:
//   node unpack.js NODE_MODULES FOLDER
'use strict';
const fs = require('fs');
const path = require('path');
const zlib = require('zlib');

const [modules, folder] = process.argv.slice(2);
fs.mkdirSync(folder, { recursive: true });
fs.copyFileSync(path.join(modules, 'axe-core/axe.min.js'), path.join(folder, 'axe.min.js'));
// Built for one kind of machine.
if (process.arch === 'x64') {
  const packed = fs.readFileSync(path.join(modules, 'chrome-aws-lambda/bin/chromium.br'));
  fs.writeFileSync(path.join(folder, 'chromium-79'), zlib.brotliDecompressSync(packed), { mode: 0o755 });
}
