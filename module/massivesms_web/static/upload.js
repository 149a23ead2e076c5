// A file that is too large is refused beside its field, before it is sent.
//
//   <input type="file" data-limit-bytes="N" data-too-large="words">
(function () {
  "use strict";

  function check(field) {
    const file = field.files[0];
    const isTooLarge = Boolean(file) && file.size > Number(field.dataset.limitBytes);
    field.setCustomValidity(isTooLarge ? field.dataset.tooLarge : "");
    if (isTooLarge) {
      field.reportValidity();
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file][data-limit-bytes]")) {
      check(event.target);
    }
  });
})();
