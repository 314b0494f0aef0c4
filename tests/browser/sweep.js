// Opens pages of the console in a headless browser and says what is wrong with them, as JSON lines:
//   node sweep.js PLAN.json
// PLAN: {"program", "axe", "widths", "pictures", "visitors": [{"base", "name", "password", "script", "widths", "paths"}]};
// "axe" is the file of axe-core, "pictures" a folder that takes pictures; either may be null.
'use strict';
const fs = require('fs');
const path = require('path');
const { withBrowser, opened } = require('./driver.js');

const plan = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const axe = plan.axe && fs.readFileSync(plan.axe, 'utf8');

// What the rules of WCAG do not ask and we do, looked at from inside.
const INSIDE = `(function () {
  var all = function (what) { return Array.prototype.slice.call(document.querySelectorAll(what)); };
  var shown = function (e) { var r = e.getBoundingClientRect(); return r.width > 1 && r.height > 1; };
  var brief = function (e) { return e.outerHTML.slice(0, 90); };
  var ids = all('[id]').map(function (e) { return e.id; });
  var headings = all('h1,h2,h3,h4').map(function (e) { return Number(e.tagName[1]); });
  return {
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: all('button, a.button, input:not([type=hidden]), select, summary, .menu a').filter(function (e) {
      return shown(e) && e.getBoundingClientRect().height < 44;
    }).map(brief),
    pictures: all('img').filter(function (e) { return !e.complete || !e.naturalWidth; }).map(brief),
    twice: ids.filter(function (id, i) { return ids.indexOf(id) !== i; }),
    skipped: headings.filter(function (level, i) { return i && level > headings[i - 1] + 1; }),
    first: headings[0] !== 1 ? ['the first heading is no h1'] : [],
    inline: all('[style], [onclick], [onload], [onerror], script:not([src]), style').map(brief),
    heads: all('table').filter(function (e) { return !e.querySelector('th'); }).map(brief)
  };
}())`;

const DRAWN = `Promise.all(Array.prototype.map.call(document.images, function (image) {
  image.loading = 'eager';
  return image.complete || new Promise(function (done) { image.onload = image.onerror = done; });
}))`;

const RULES = `axe.run(document, { resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then(function (found) {
  return found.violations.map(function (rule) {
    return rule.id + ': ' + rule.nodes.map(function (node) { return node.html.slice(0, 120); }).join(' | ');
  });
})`;

// How the two parts of a page are built, without what stands in them: of two pages that differ in their words and
// numbers alone, the rules look at one.
const BUILT = `['body > header', 'main'].map(function (part) {
  var found = document.querySelector(part);
  return part + (found ? found.outerHTML : '').replace(/>[^<]*[^<\\s][^<]*</g, '>x<')
    .replace(/ (href|value|title|alt|src|datetime|action)="[^"]+"/g, ' $1').replace(/[0-9]+/g, '0');
})`;
const seen = new Set();

/** Whether a part of the page is built as none before it. */
async function isNew(tab, width) {
  const lang = await tab.evaluate('document.documentElement.lang');
  const parts = (await tab.evaluate(BUILT)).map(part => [width, lang, part].join(' '));
  const unseen = parts.filter(part => !seen.has(part));
  unseen.forEach(part => seen.add(part));
  return unseen.length > 0;
}

async function visit(connection, width, visitor) {
  const tab = await opened(connection, { ...visitor, width });
  if (visitor.name) { await tab.signIn(visitor.name, visitor.password); }
  for (const where of visitor.paths) {
    tab.noticed();
    await tab.open(where);
    const hasScript = visitor.script !== false;
    // Without scripts a page waits for nothing, and the rules, which are a script, do not run.
    if (hasScript) { await tab.evaluate(DRAWN, true); }
    const found = await tab.evaluate(INSIDE);
    if (!hasScript) { delete found.pictures; }
    if (axe && hasScript && await isNew(tab, width)) {
      await tab.evaluate(axe + ';0');
      found.axe = await tab.evaluate(RULES, true);
    }
    const title = await tab.evaluate('document.title');
    if (plan.pictures) {
      const name = (visitor.name || 'nobody') + where.replace(/[^A-Za-z0-9]+/g, '_') + '-' + width;
      await tab.picture(path.join(plan.pictures, (visitor.label || '') + name + '.png'));
    }
    if (width < 700) {
      // The same at 400 % of a desktop's size.
      await tab.resize(320);
      found.reflow = await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      await tab.resize(width);
    }
    const wrong = Object.entries(found).filter(([, value]) => typeof value === 'number' ? value > 0 : value.length > 0);
    console.log(JSON.stringify({ who: visitor.name || '', width, path: where, title, wrong: Object.fromEntries(wrong),
      noticed: tab.noticed() }));
  }
  await tab.close();
}

withBrowser(plan.program, async connection => {
  console.log(JSON.stringify({ browser: (await connection.call('Browser.getVersion')).product }));
  for (const width of plan.widths) {
    for (const visitor of plan.visitors) {
      if (!visitor.widths || visitor.widths.includes(width)) { await visit(connection, width, visitor); }
    }
  }
}).then(() => process.exit(0), problem => { console.error(problem); process.exit(1); });
