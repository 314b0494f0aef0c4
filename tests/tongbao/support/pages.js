// Opens pages of the console in a headless browser and says what is wrong with them, as JSON lines:
//   node pages.js BROWSER BASE PLAN.json [FOLDER]
// PLAN: [{"name": .., "password": .., "paths": [..]}]; FOLDER takes pictures.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const [browser, base, planFile, pictures] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(planFile, 'utf8'));
const widths = (process.env.WIDTHS || '360,1280').split(',').map(Number);

// What a page must not have, looked at from inside.
const INSIDE = `(function () {
  var all = function (what) { return Array.prototype.slice.call(document.querySelectorAll(what)); };
  var shown = function (e) { var r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1; };
  var brief = function (e) { return e.outerHTML.slice(0, 90); };
  var name = function (e) {
    return (e.getAttribute('aria-label') || e.textContent || e.getAttribute('title') || e.value || '').trim();
  };
  var labelled = function (e) {
    return e.getAttribute('aria-label') || (e.id && document.querySelector('label[for="' + e.id + '"]'));
  };
  var ids = all('[id]').map(function (e) { return e.id; });
  var headings = all('h1,h2,h3,h4').map(function (e) { return Number(e.tagName[1]); });
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: all('button, a.button, input:not([type=hidden]), select, summary, .menu a').filter(function (e) {
      return shown(e) && e.getBoundingClientRect().height < 44;
    }).map(brief),
    unlabelled: all('input:not([type=hidden]), select, textarea').filter(function (e) { return !labelled(e); }).map(brief),
    nameless: all('a[href], button').filter(function (e) { return !name(e); }).map(brief),
    pictures: all('img').filter(function (e) { return !e.hasAttribute('alt') || !e.complete || !e.naturalWidth; }).map(brief),
    twice: ids.filter(function (id, i) { return ids.indexOf(id) !== i; }),
    skipped: headings.filter(function (level, i) { return i && level > headings[i - 1] + 1; }),
    first: headings.length && headings[0] !== 1 ? ['the first heading is no h1'] : [],
    language: document.documentElement.lang ? [] : ['no language'],
    inline: all('[style], [onclick], [onload], [onerror], script:not([src]), style').map(brief),
    heads: all('table').filter(function (e) { return !e.querySelector('th'); }).map(brief)
  };
}())`;

// Text on a background of one colour, by the formula of WCAG 2.
const CONTRAST = `(function () {
  var light = function (c) {
    var v = c.map(function (x) { x /= 255; return x <= 0.03928 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4); });
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
  };
  var parsed = function (text) { return (text.match(/[\\d.]+/g) || []).map(Number); };
  var behind = function (e) {
    for (; e; e = e.parentElement) {
      var c = parsed(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || (c.length === 4 && c[3] === 1)) { return c.slice(0, 3); }
    }
    return [255, 255, 255];
  };
  var out = {};
  var walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    var e = walker.currentNode.parentElement;
    var r = e.getBoundingClientRect();
    if (!walker.currentNode.data.trim() || r.width < 2 || r.height < 2 || e.closest('[disabled], script')) { continue; }
    var style = getComputedStyle(e);
    var a = light(parsed(style.color).slice(0, 3)), b = light(behind(e));
    var ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    var size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    var least = size >= 24 || (size >= 18.66 && bold) ? 3 : 4.5;
    if (ratio < least) { out[style.color + ' ' + e.tagName + '.' + e.className] = ratio.toFixed(2); }
  }
  return out;
}())`;

async function main() {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'tongbao-pages-'));
  // The browser's own protocol over two pipes, which every version has.
  const child = spawn(browser, ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe',
    '--user-data-dir=' + profile, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  try {
    const connection = connected(child.stdio[3], child.stdio[4]);
    for (const width of widths) {
      for (const visitor of plan) { await visit(connection, width, visitor); }
    }
  } finally {
    child.kill('SIGKILL');
    await new Promise(done => child.exitCode !== null || child.signalCode ? done() : child.on('exit', done));
    // Its helpers may write for a moment more.
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

// Calls with answers, and events; a message ends with a zero byte.
function connected(into, from) {
  const waiting = new Map(), listeners = [];
  let last = 0, rest = Buffer.alloc(0);
  from.on('data', chunk => {
    rest = Buffer.concat([rest, chunk]);
    for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
      const data = JSON.parse(rest.subarray(0, end).toString());
      if (data.id) {
        const { done, failed } = waiting.get(data.id);
        waiting.delete(data.id);
        if (data.error) { failed(new Error(JSON.stringify(data.error))); } else { done(data.result); }
      } else {
        listeners.forEach(listener => listener(data));
      }
    }
  });
  return {
    listeners,
    call: (method, params, sessionId) => new Promise((done, failed) => {
      waiting.set(++last, { done, failed });
      into.write(JSON.stringify({ id: last, method, params: params || {}, sessionId }) + '\0');
    })
  };
}

async function visit(connection, width, visitor) {
  const { browserContextId } = await connection.call('Target.createBrowserContext');
  const { targetId } = await connection.call('Target.createTarget', { url: 'about:blank', browserContextId });
  const { sessionId } = await connection.call('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => connection.call(method, params, sessionId);
  let noticed = [];
  let loaded = () => {};
  const listener = event => {
    if (event.sessionId !== sessionId) { return; }
    const params = event.params;
    if (event.method === 'Page.loadEventFired') { loaded(); }
    if (event.method === 'Runtime.exceptionThrown') { noticed.push('script: ' + params.exceptionDetails.text); }
    if (event.method === 'Runtime.consoleAPICalled' && params.type === 'error') { noticed.push('console: ' + JSON.stringify(params.args)); }
    // A page that is refused on purpose has its status in the log.
    if (event.method === 'Log.entryAdded' && params.entry.level === 'error' && !/status of 4/.test(params.entry.text)) {
      noticed.push('log: ' + params.entry.text);
    }
    if (event.method === 'Network.requestWillBeSent' && !params.request.url.startsWith(base) && !params.request.url.startsWith('data:') && params.request.url !== 'about:blank') {
      noticed.push('asked elsewhere: ' + params.request.url);
    }
  };
  connection.listeners.push(listener);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) { await call(domain + '.enable'); }
  await call('Emulation.setDeviceMetricsOverride', { width, height: 800, deviceScaleFactor: 1, mobile: width < 700 });
  if (visitor.script === false) { await call('Emulation.setScriptExecutionDisabled', { value: true }); }
  const evaluate = async expression => (await call('Runtime.evaluate', { expression, returnByValue: true })).result.value;
  const arrive = async start => {
    const done = new Promise(resolve => { loaded = resolve; });
    await start();
    await done;
  };
  const open = where => arrive(() => call('Page.navigate', { url: base + where }));
  await open('/sign-in');
  if (visitor.name) {
    const form = `document.getElementById('name').value = ${JSON.stringify(visitor.name)};
      document.getElementById('password').value = ${JSON.stringify(visitor.password)};
      document.querySelector('main form').submit();`;
    await arrive(() => evaluate(form));
  }
  for (const where of visitor.paths) {
    noticed = [];
    await open(where);
    await evaluate(`Array.prototype.forEach.call(document.images, function (i) { i.loading = 'eager'; })`);
    await call('Runtime.evaluate', { awaitPromise: true, expression: `Promise.all(Array.prototype.map.call(document.images,
      function (i) { return i.complete || new Promise(function (done) { i.onload = i.onerror = done; }); }))` });
    const found = await evaluate(INSIDE);
    found.contrast = await evaluate(CONTRAST);
    const wrong = Object.entries(found).filter(([, value]) => typeof value === 'number' ? value > 0 : Object.keys(value).length > 0);
    if (visitor.script === false) { wrong.length = 0; }
    console.log(JSON.stringify({ who: visitor.name || '', width, path: where, title: await evaluate('document.title'),
      wrong: Object.fromEntries(wrong), noticed }));
    if (pictures) {
      const height = Math.min(await evaluate('document.documentElement.scrollHeight'), 5000);
      const picture = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true,
        clip: { x: 0, y: 0, width, height, scale: 1 } });
      const name = (visitor.name || 'nobody') + where.replace(/[^A-Za-z0-9]+/g, '_') + '-' + width + '.png';
      fs.writeFileSync(path.join(pictures, name), Buffer.from(picture.data, 'base64'));
    }
  }
  connection.listeners.splice(connection.listeners.indexOf(listener), 1);
  await connection.call('Target.disposeBrowserContext', { browserContextId });
}

main().then(() => process.exit(0), problem => { console.error(problem); process.exit(1); });
