/* The frame in the PBX's page: posts the hand-over into it, and keeps it as high as
   what it shows, so that one scroll bar is enough, and at least to the bottom of the
   window. Same host, so it can be measured. */
(function () {
  "use strict";

  function start() {
    var form = document.getElementById("massivesms-handover");
    var frame = document.getElementById("massivesms-frame");
    if (!form || !frame || form.getAttribute("data-sent")) return;
    form.setAttribute("data-sent", "yes"); // a hand-over opens a session once
    frame.addEventListener("load", function () { follow(frame); });
    form.submit();
    form.parentNode.removeChild(form);
  }

  function follow(frame) {
    var page = frame.contentDocument;
    if (!page || !page.body || page.URL === "about:blank") return;
    if (frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
    function fit() {
      var height = page.documentElement.getBoundingClientRect().height;
      var top = frame.getBoundingClientRect().top + window.pageYOffset;
      var room = window.innerHeight - top - 8;
      if (height > 0) frame.style.height = Math.ceil(Math.max(height, room)) + "px";
    }
    fit();
    if (window.ResizeObserver) new ResizeObserver(fit).observe(page.documentElement);
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
