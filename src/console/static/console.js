/* Everything works without this file. ES5 for browsers from Chromium 78 on. */
(function () {
  'use strict';
  var each = function (list, act) { Array.prototype.forEach.call(list, act); };

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
      each(form.querySelectorAll('button[type=submit]'), function (button) {
        window.setTimeout(function () { button.disabled = true; }, 0);
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
