// Follows a story on a telephone of 360 pixels, by what a person sees and presses, and says each step as a line of JSON:
//   node story.js PLAN.json
// PLAN: {"program", "base", "password", "pictures", "story": [STEP, ..]}; a step is one of
//   {"as": NAME} signs somebody in, {"press": TEXT} a link or button, {"menu": TEXT} one of the menu,
//   {"fill": {ID: TEXT}} fields, {"see": TEXT} on the page, {"fetch": TEXT} what a link leads to.
'use strict';
const fs = require('fs');
const path = require('path');
const { withBrowser, opened } = require('./driver.js');

const plan = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

/** Where the middle of a link or button is, once it is in sight; an error says what is there instead. */
function middleOf(text, within) {
  return `(function () {
    var all = Array.prototype.slice.call(document.querySelectorAll('${within} a, ${within} button'));
    var named = all.filter(function (e) { return e.textContent.trim() === ${JSON.stringify(text)}; });
    var found = named[0] || all.filter(function (e) { return e.textContent.indexOf(${JSON.stringify(text)}) >= 0; })[0];
    if (!found) { throw new Error(${JSON.stringify(text)} + ' is not there: ' + document.body.innerText); }
    found.scrollIntoView({ block: 'center', inline: 'center' });
    var box = found.getClientRects()[0], x = box.left + box.width / 2, y = box.top + box.height / 2;
    var hit = document.elementFromPoint(x, y);
    if (hit !== found && !found.contains(hit)) { throw new Error(found.textContent + ' is covered by ' + hit.outerHTML.slice(0, 200)); }
    return { x: x, y: y };
  }())`;
}

async function press(tab, text, within) {
  const { x, y } = await tab.evaluate(middleOf(text, within));
  await tab.arrive(async () => {
    for (const type of ['mousePressed', 'mouseReleased']) {
      await tab.call('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    }
  });
}

const acts = {
  press: (tab, text) => press(tab, text, 'main'),
  menu: (tab, text) => press(tab, text, '.menu'),
  fill: async (tab, fields) => {
    for (const [id, text] of Object.entries(fields)) {
      await tab.evaluate(`(function (field) {
        field.value = ${JSON.stringify(text)};
        field.dispatchEvent(new Event('input', { bubbles: true }));
      }(document.getElementById('${id}')))`);
    }
  },
  see: async (tab, text) => {
    const shown = await tab.evaluate('document.body.innerText');
    if (!shown.includes(text)) { throw new Error(text + ' is not to be seen: ' + shown); }
  },
  fetch: (tab, text) => tab.evaluate(`(function () {
    var all = Array.prototype.slice.call(document.querySelectorAll('main a'));
    var link = all.filter(function (e) { return e.textContent.indexOf(${JSON.stringify(text)}) >= 0; })[0];
    return fetch(link.href, { credentials: 'same-origin' }).then(function (answer) {
      return answer.arrayBuffer().then(function (bytes) {
        return { status: answer.status, kind: answer.headers.get('content-type'), bytes: bytes.byteLength };
      });
    });
  }())`, true)
};

withBrowser(plan.program, async connection => {
  console.log(JSON.stringify({ browser: (await connection.call('Browser.getVersion')).product }));
  let tab, count = 0;
  for (const step of plan.story) {
    const [[act, what]] = Object.entries(step);
    if (act === 'as') {
      tab = await opened(connection, { base: plan.base, width: 360 });
      await tab.signIn(what, plan.password);
    } else {
      const result = await acts[act](tab, what);
      if (plan.pictures) { await tab.picture(path.join(plan.pictures, `story-${plan.name}-${++count}-${act}.png`)); }
      console.log(JSON.stringify({ ...step, result, noticed: tab.noticed() }));
    }
  }
}).then(() => process.exit(0), problem => { console.error(problem); process.exit(1); });
