// A headless browser by its own protocol over two pipes, which every version from 78 on speaks.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe'];

/** Starts a browser, gives a connection to `act`, and ends the browser whatever comes of it. */
async function withBrowser(program, act) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'tongbao-browser-'));
  // A group of its own, so that its helpers end with it.
  const child = spawn(program, FLAGS.concat('--user-data-dir=' + profile, 'about:blank'),
    { stdio: ['ignore', 'ignore', process.env.DEBUG ? 'inherit' : 'ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise(done => child.on('exit', (code, signal) => done(`the browser ended: ${code || signal}`)));
  // A browser that ends early answers nothing any more.
  const early = ended.then(text => { throw new Error(text); });
  try {
    return await Promise.race([act(connected(child.stdio[3], child.stdio[4])), early]);
  } finally {
    early.catch(() => {});
    try { process.kill(-child.pid, 'SIGKILL'); } catch (gone) { /* It has ended by itself. */ }
    await ended;
    // They may write for a moment more.
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

/** Calls with answers, and events; a message ends with a zero byte. */
function connected(into, from) {
  const waiting = new Map(), listeners = new Set();
  let last = 0, rest = Buffer.alloc(0);
  into.on('error', () => {});
  from.on('data', chunk => {
    rest = Buffer.concat([rest, chunk]);
    for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
      const data = JSON.parse(rest.subarray(0, end).toString());
      if (!data.id) {
        listeners.forEach(listener => listener(data));
        continue;
      }
      const { method, done, failed } = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error) { failed(new Error(method + ': ' + JSON.stringify(data.error))); } else { done(data.result); }
    }
  });
  return {
    listeners,
    call: (method, params, sessionId) => new Promise((done, failed) => {
      waiting.set(++last, { method, done, failed });
      into.write(JSON.stringify({ id: last, method, params: params || {}, sessionId }) + '\0');
    })
  };
}

/** A window of its own, without the cookies of others. */
async function opened(connection, { base, width, script }) {
  const { browserContextId } = await connection.call('Target.createBrowserContext');
  const { targetId } = await connection.call('Target.createTarget', { url: 'about:blank', browserContextId });
  const { sessionId } = await connection.call('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => connection.call(method, params, sessionId);
  const isOwn = url => url.startsWith(base + '/') || url.startsWith('data:') || url === 'about:blank';
  let loaded = () => {}, noticed = [];
  const events = {
    'Page.loadEventFired': () => loaded(),
    'Page.javascriptDialogOpening': event => {
      // The form that is left has been begun.
      if (event.type !== 'beforeunload') { noticed.push('dialog: ' + event.message); }
      call('Page.handleJavaScriptDialog', { accept: true });
    },
    'Runtime.exceptionThrown': event => noticed.push('script: ' + JSON.stringify(event.exceptionDetails)),
    'Runtime.consoleAPICalled': event => {
      if (event.type === 'error') { noticed.push('console: ' + JSON.stringify(event.args)); }
    },
    'Log.entryAdded': ({ entry }) => {
      // A page that is refused on purpose has its status in the log.
      if (entry.level === 'error' && !/status of 4/.test(entry.text)) { noticed.push('log: ' + entry.text); }
    },
    'Network.requestWillBeSent': ({ request }) => {
      if (!isOwn(request.url)) { noticed.push('asked elsewhere: ' + request.url); }
    }
  };
  const listener = event => {
    const act = event.sessionId === sessionId && events[event.method];
    if (act) { act(event.params); }
  };
  connection.listeners.add(listener);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'DOM']) { await call(domain + '.enable'); }
  const resize = width => call('Emulation.setDeviceMetricsOverride',
    { width, height: 800, deviceScaleFactor: 1, mobile: width < 700 });
  await resize(width);
  if (script === false) { await call('Emulation.setScriptExecutionDisabled', { value: true }); }
  const evaluate = async (expression, awaitPromise) => {
    const { result, exceptionDetails } = await call('Runtime.evaluate', { expression, awaitPromise, returnByValue: true });
    if (exceptionDetails) { throw new Error(JSON.stringify(exceptionDetails)); }
    return result.value;
  };
  const arrive = async start => {
    const done = new Promise(resolve => { loaded = resolve; });
    await start();
    await done;
  };
  const open = where => arrive(() => call('Page.navigate', { url: base + where }));
  const signIn = async (name, password) => {
    await open('/sign-in');
    await arrive(() => evaluate(`document.getElementById('name').value = ${JSON.stringify(name)};
      document.getElementById('password').value = ${JSON.stringify(password)};
      document.querySelector('main form').submit();`));
  };
  const picture = async file => {
    const height = Math.min(await evaluate('document.documentElement.scrollHeight'), 6000);
    const taken = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true,
      clip: { x: 0, y: 0, width, height, scale: 1 } });
    fs.writeFileSync(file, Buffer.from(taken.data, 'base64'));
  };
  return {
    call, evaluate, arrive, open, signIn, resize, picture,
    /** What has gone wrong since the last look. */
    noticed: () => noticed.splice(0),
    close: async () => {
      connection.listeners.delete(listener);
      await connection.call('Target.disposeBrowserContext', { browserContextId });
    }
  };
}

module.exports = { withBrowser, opened };
