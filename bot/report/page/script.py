"""What the page can do more with scripts: find text in frames, open all, print all. No more."""

SCRIPT = """
"use strict";
(function () {
  var all = function (what) { return Array.prototype.slice.call(document.querySelectorAll(what)); };
  var details = all("details");
  var open = function (is) { details.forEach(function (one) { one.open = is; }); };
  all("[data-tool]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      if (button.dataset.tool === "print") { window.print(); return; }
      var is = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(is));
      open(is);
    });
  });
  var before = [];
  window.addEventListener("beforeprint", function () {
    before = details.map(function (one) { return one.open; });
    open(true);
  });
  window.addEventListener("afterprint", function () {
    details.forEach(function (one, number) { one.open = before[number]; });
  });
  var find = document.getElementById("find");
  if (!find) { return; }
  var frames = all(".frames > li");
  var found = document.getElementById("found");
  var texts = frames.map(function (frame) { return frame.textContent.toLowerCase(); });
  find.closest("label").hidden = false;
  find.addEventListener("input", function () {
    var wanted = find.value.trim().toLowerCase();
    var count = 0;
    frames.forEach(function (frame, number) {
      var is = texts[number].indexOf(wanted) >= 0;
      frame.classList.toggle("unmatched", !is);
      count += is ? 1 : 0;
    });
    found.textContent = wanted ? count + " of " + frames.length : "";
  });
})();
"""
