// Follows a clerk through the page of the first bulletin, and says each step as a line of JSON:
//   node first.js PLAN.json
// PLAN: {"program", "base", "name", "password", "drop": {"register": FILE, ..}} drops files onto the page and goes on
// to the written configuration; with "watch": true instead it only looks at the bar of what is under way.
'use strict';
const fs = require('fs');
const path = require('path');
const { withBrowser, opened } = require('./driver.js');

const plan = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const started = Date.now();
// What a clerk is promised.
const LONGEST = 3 * 60 * 1000;

const say = (step, more) => console.log(JSON.stringify({ step, ...more }));

/** Asks again and again until an expression has a value, also while pages change. */
async function until(tab, expression) {
  for (;;) {
    const value = await tab.evaluate(expression).catch(() => null);
    if (value) { return value; }
    if (Date.now() - started > LONGEST) { throw new Error('never: ' + expression); }
    await new Promise(done => setTimeout(done, 20));
  }
}

/** Drops a file as a person does: the browser's own event where it knows it, else one with the same content. */
async function drop(tab, part, file) {
  const { x, y } = await tab.evaluate(`(function () {
    var box = document.getElementById('${part}').parentNode;
    box.scrollIntoView({ block: 'center' });
    var r = box.getBoundingClientRect();
    return { x: r.left + r.width / 2, y: r.top + 10 };
  }())`);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  try {
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await tab.call('Input.dispatchDragEvent', { type, x, y, data });
    }
  } catch (unknown) {
    if (!/wasn't found/.test(unknown.message)) { throw unknown; }
    await tab.evaluate(`(function () {
      var bytes = Uint8Array.from(atob('${fs.readFileSync(file).toString('base64')}'), function (c) { return c.charCodeAt(0); });
      var data = new DataTransfer();
      data.items.add(new File([bytes], ${JSON.stringify(path.basename(file))}));
      document.elementFromPoint(${x}, ${y}).dispatchEvent(
        new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    }())`);
  }
  const taken = await until(tab, `document.getElementById('${part}').files.length &&
    document.getElementById('${part}').files[0].name`);
  say('dropped', { part, taken });
}

const press = (tab, form) =>
  tab.evaluate(`document.querySelector('form[action="${form}"] button[type=submit]').click()`);

async function journey(tab) {
  await tab.open('/first');
  for (const [part, file] of Object.entries(plan.drop)) { await drop(tab, part, file); }
  await press(tab, '/first');
  await until(tab, `!!document.querySelector('form[action="/first/mapping"]')`);
  say('mapping', { columns: await tab.evaluate(`document.querySelectorAll('.mapping select').length`) });
  await press(tab, '/first/mapping');
  await until(tab, `!!document.querySelector('form[action="/first/finish"]')`);
  await tab.evaluate(`Promise.all(Array.prototype.map.call(document.images, function (image) {
    image.loading = 'eager';
    return image.complete || new Promise(function (done) { image.onload = image.onerror = done; });
  }))`, true);
  say('made', await tab.evaluate(`({ text: document.querySelector('main').innerText,
    pages: Array.prototype.filter.call(document.images, function (image) { return image.naturalWidth; }).length })`));
  await press(tab, '/first/finish');
  await until(tab, `!!document.querySelector('main .digest') && !document.querySelector('form[action="/first/finish"]')`);
  say('written', { text: await tab.evaluate(`document.querySelector('main').innerText`), seconds: (Date.now() - started) / 1000 });
}

/** Says how long the bar is, each time that it has grown, until the page shows what came of it. */
async function watch(tab) {
  await tab.open('/first');
  await tab.evaluate('window.isFirstVisit = true');
  for (let last; ;) {
    const seen = await until(tab, `document.querySelector('[data-watch]')
      ? { value: (document.querySelector('progress') || {}).value, text: document.querySelector('[data-watch]').innerText,
          isSame: !!window.isFirstVisit }
      : { text: document.querySelector('main').innerText, isOver: true }`);
    if (seen.isOver) { say('over', seen); return; }
    if (seen.value !== last) { say('bar', seen); }
    last = seen.value;
  }
}

withBrowser(plan.program, async connection => {
  console.log(JSON.stringify({ browser: (await connection.call('Browser.getVersion')).product }));
  const tab = await opened(connection, { base: plan.base, width: 1280 });
  await tab.signIn(plan.name, plan.password);
  await (plan.watch ? watch(tab) : journey(tab));
  say('end', { noticed: tab.noticed() });
}).then(() => process.exit(0), problem => { console.error(problem); process.exit(1); });
