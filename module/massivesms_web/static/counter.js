// The live counter of a message: characters, alphabet, segments, what is left.
//
// Counts exactly as domain/segments.py and domain/gsm7.py do; a test in a real
// browser holds the two against each other. It never changes the text.
//
//   <textarea data-counter="ID">   and   <div id="ID" hidden>   (_counter.html)
(function () {
  "use strict";

  // 3GPP 23.038 §6.2.1 without the escape, and §6.2.1.1: two septets each.
  const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const EXTENSION = "\f^{}\\[~]|€";
  const ALONE = { gsm7: 160, ucs2: 70 };
  const JOINED = { gsm7: 153, ucs2: 67 };
  const MAX_SEGMENTS = 10;
  const ANNOUNCE_AFTER_MS = 1200; // a screen reader hears it when typing rests
  const SHOWN_CHARACTERS = 8;

  const basic = new Set(BASIC);
  const extension = new Set(EXTENSION);

  function foreignCharacters(characters) {
    return [...new Set(characters)].filter((c) => !basic.has(c) && !extension.has(c));
  }

  // The segments of a text: filled one after another, so that neither an escape
  // pair nor a surrogate pair straddles two of them.
  function split(text) {
    const characters = Array.from(text);
    const foreign = foreignCharacters(characters);
    const alphabet = foreign.length ? "ucs2" : "gsm7";
    const size = alphabet === "gsm7"
      ? (c) => (extension.has(c) ? 2 : 1)
      : (c) => c.length;
    const units = characters.reduce((sum, c) => sum + size(c), 0);
    const whole = { alphabet, units, characters: characters.length, foreign };
    if (units <= ALONE[alphabet]) {
      return { ...whole, segments: 1, left: ALONE[alphabet] - units };
    }
    let segments = 1;
    let left = JOINED[alphabet];
    for (const c of characters) {
      if (size(c) > left) {
        segments += 1;
        left = JOINED[alphabet];
      }
      left -= size(c);
    }
    return { ...whole, segments, left };
  }

  // The company's signature is the last line, as domain/text_settings.py adds it.
  function signed(text, signature) {
    if (!signature || !text.trim() || text.endsWith("\n" + signature)) {
      return text;
    }
    return text.trimEnd() + "\n" + signature;
  }

  // Characters without a shape of their own are named by their code.
  function visible(character) {
    if (!/^[\s\p{C}\p{M}\p{Z}]/u.test(character)) {
      return character;
    }
    const code = character.codePointAt(0).toString(16).toUpperCase();
    return "U+" + code.padStart(4, "0");
  }

  function listed(foreign) {
    const shown = foreign.slice(0, SHOWN_CHARACTERS).map(visible).join("  ");
    return foreign.length > SHOWN_CHARACTERS ? shown + " …" : shown;
  }

  function write(box, name, value) {
    const place = box.querySelector(`[data-count="${name}"]`);
    if (place && place.textContent !== String(value)) {
      place.textContent = value;
    }
  }

  function show(box, name, isShown) {
    const place = box.querySelector(`[data-note="${name}"]`);
    if (place) {
      place.hidden = !isShown;
    }
  }

  function announce(box) {
    clearTimeout(box.announcement);
    box.announcement = setTimeout(() => {
      const live = box.querySelector("[data-announce]");
      const seen = box.querySelectorAll("[data-count-summary], [data-note]:not([hidden])");
      const words = Array.from(seen, (part) => part.textContent.trim());
      live.textContent = words.join(". ").replace(/\s+/g, " ");
    }, ANNOUNCE_AFTER_MS);
  }

  function count(field) {
    const box = document.getElementById(field.dataset.counter);
    if (!box) {
      return;
    }
    const found = split(signed(field.value, box.dataset.signature));
    const isTooLong = found.segments > MAX_SEGMENTS;
    for (const name of ["characters", "segments", "left"]) {
      write(box, name, found[name]);
    }
    write(box, "alphabet", box.dataset[found.alphabet]);
    write(box, "foreign", listed(found.foreign));
    write(box, "needed", found.segments);
    write(box, "over", found.segments);
    show(box, "unicode", found.foreign.length > 0);
    show(box, "several", found.segments > 1 && !isTooLong);
    show(box, "too-long", isTooLong);
    box.classList.toggle("counter-over", isTooLong);
    box.hidden = false;
  }

  function countAll(root) {
    root.querySelectorAll("textarea[data-counter]").forEach(count);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-counter]")) {
      count(event.target);
      announce(document.getElementById(event.target.dataset.counter));
    }
  });
  document.addEventListener("DOMContentLoaded", () => countAll(document));
  document.addEventListener("htmx:load", (event) => countAll(event.target));

  window.massivesmsCounter = { BASIC, EXTENSION, MAX_SEGMENTS, split, visible };
})();
