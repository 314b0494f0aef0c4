/* Everything works without this file. ES5 for browsers from Chromium 78 on. */
(function () {
  'use strict';
  var each = function (list, act) { Array.prototype.forEach.call(list, act); };

  /* On a telephone the menu shows the place where one is. */
  var here = document.querySelector('.menu a[aria-current]');
  if (here) { document.querySelector('.menu ul').scrollLeft = here.offsetLeft - 60; }

  /* A form that was begun is not lost by a slip. */
  var unsaved = false;
  each(document.querySelectorAll('form[data-unsaved]'), function (form) {
    form.addEventListener('input', function () { unsaved = true; });
  });
  window.addEventListener('beforeunload', function (event) {
    if (unsaved) { event.preventDefault(); event.returnValue = ''; }
  });

  /* A second tap sends nothing twice. */
  each(document.querySelectorAll('form[method=post]'), function (form) {
    form.addEventListener('submit', function () {
      unsaved = false;
      each(form.elements, function (button) {
        if (button.type === 'submit') { window.setTimeout(function () { button.disabled = true; }, 0); }
      });
    });
  });
  window.addEventListener('pageshow', function () {
    each(document.querySelectorAll('button[disabled]'), function (button) { button.disabled = false; });
  });

  /* A page that follows a request is fetched again until it is over. */
  var watched = document.querySelector('[data-watch]');
  if (watched && window.fetch) {
    var ask = function () {
      window.fetch(window.location.href, { credentials: 'same-origin' }).then(function (answer) {
        return answer.text();
      }).then(function (text) {
        var page = new DOMParser().parseFromString(text, 'text/html');
        var now = page.querySelector('[data-watch]');
        if (!now) { window.location.reload(); return; }
        watched.innerHTML = now.innerHTML;
        window.setTimeout(ask, 2000);
      }).catch(function () { window.setTimeout(ask, 10000); });
    };
    window.setTimeout(ask, 2000);
  }

  /* Files may be dropped onto their box. */
  each(document.querySelectorAll('[data-drop]'), function (box) {
    var input = box.querySelector('input[type=file]');
    var over = function (event) { event.preventDefault(); box.classList.add('over'); };
    box.addEventListener('dragenter', over);
    box.addEventListener('dragover', over);
    box.addEventListener('dragleave', function () { box.classList.remove('over'); });
    box.addEventListener('drop', function (event) {
      event.preventDefault();
      box.classList.remove('over');
      if (event.dataTransfer && event.dataTransfer.files.length) { input.files = event.dataTransfer.files; }
    });
  });

  /* An upload shows how far it has come. */
  var upload = document.querySelector('form[data-upload]');
  if (upload && window.FormData && window.DOMParser) {
    upload.addEventListener('submit', function (event) {
      event.preventDefault();
      var sending = upload.querySelector('.sending'), request = new XMLHttpRequest();
      sending.hidden = false;
      request.upload.addEventListener('progress', function (step) {
        if (step.lengthComputable) { sending.max = step.total; sending.value = step.loaded; }
      });
      request.addEventListener('load', function () {
        if (request.status < 400) { window.location.href = request.responseURL || upload.action; return; }
        var page = new DOMParser().parseFromString(request.responseText, 'text/html');
        var main = page.querySelector('main');
        if (main) { document.querySelector('main').innerHTML = main.innerHTML; }
      });
      request.addEventListener('error', function () { HTMLFormElement.prototype.submit.call(upload); });
      request.open('POST', upload.action);
      request.send(new FormData(upload));
    });
  }

  /* The digest of a file that never leaves the machine. */
  var chosen = document.querySelector('input[data-digest]');
  if (chosen && window.crypto && window.crypto.subtle && window.FileReader) {
    chosen.addEventListener('change', function () {
      var file = chosen.files && chosen.files[0];
      if (!file) { return; }
      var reader = new FileReader();
      reader.onload = function () {
        window.crypto.subtle.digest('SHA-256', reader.result).then(function (bytes) {
          var text = '';
          each(new Uint8Array(bytes), function (byte) { text += (byte < 16 ? '0' : '') + byte.toString(16); });
          document.getElementById(chosen.getAttribute('data-digest')).value = text;
        });
      };
      reader.readAsArrayBuffer(file);
    });
  }
}());
