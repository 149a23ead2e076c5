// Beside the counter: what in a message is expensive, and the same in plain characters.
//
// Replaces exactly as domain/smart_text.py does; a test in a real browser holds the two
// against each other. A text changes only when its button is pressed, or on the server
// when the form is sent, which says so.
//
//   <textarea data-counter="ID" data-characters="ID-OF-THE-CHOICE"> and in <div id="ID">
//   <div data-smart hidden>                                        (_message_field.html)
(function () {
  "use strict";

  const MARKS = {
    "'": "\u2018\u2019\u201a\u201b\u2032\u2035\u02bc\u00b4`\u2039\u203a",
    "\"": "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u301d\u301e",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2022\u2023\u2043\u25aa\u25cf",
    ".": "\u00b7\u2024\u2219",
    "..": "\u2025",
    "...": "\u2026",
    " ": "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u000b\u0085\u2028\u2029",
    "": "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff",
    "ff": "\ufb00",
    "fi": "\ufb01",
    "fl": "\ufb02",
    "ffi": "\ufb03",
    "ffl": "\ufb04",
    "st": "\ufb05\ufb06",
    "ij": "\u0133",
    "IJ": "\u0132",
    "/": "\u2044\u2215",
    "x": "\u00d7",
    "+/-": "\u00b1",
    "1/2": "\u00bd",
    "1/4": "\u00bc",
    "3/4": "\u00be",
    "(c)": "\u00a9",
    "(R)": "\u00ae",
    "(TM)": "\u2122",
    "->": "\u2192",
    "<-": "\u2190",
    "<=": "\u2264",
    ">=": "\u2265"
  };
  const LETTERS = {
    "A": "ÁÀÂÃĀĂĄ",
    "a": "áâãāăąª",
    "C": "ĆĈĊČ",
    "c": "çćĉċč",
    "D": "ĎĐÐ",
    "d": "ďđð",
    "E": "ÈÊËĒĔĖĘĚ",
    "e": "êëēĕėęě",
    "G": "ĜĞĠĢ",
    "g": "ĝğġģ",
    "H": "ĤĦ",
    "h": "ĥħ",
    "I": "ÌÍÎÏĨĪĬĮİ",
    "i": "íîïĩīĭįı",
    "J": "Ĵ",
    "j": "ĵ",
    "K": "Ķ",
    "k": "ķ",
    "L": "ĹĻĽŁ",
    "l": "ĺļľł",
    "N": "ŃŅŇ",
    "n": "ńņň",
    "No": "№",
    "O": "ÒÓÔÕŌŎŐ",
    "o": "óôõōŏőº°",
    "OE": "Œ",
    "oe": "œ",
    "R": "ŔŖŘ",
    "r": "ŕŗř",
    "S": "ŚŜŞŠȘ",
    "s": "śŝşšș",
    "T": "ŢŤŦȚ",
    "t": "ţťŧț",
    "Th": "Þ",
    "th": "þ",
    "U": "ÙÚÛŨŪŬŮŰŲ",
    "u": "úûũūŭůűųµ",
    "W": "Ŵ",
    "w": "ŵ",
    "Y": "ÝŶŸ",
    "y": "ýŷÿ",
    "Z": "ŹŻŽ",
    "z": "źżž",
    "1": "¹",
    "2": "²",
    "3": "³"
  };

  const { BASIC, EXTENSION, split } = window.massivesmsCounter;
  const plain = new Set(BASIC + EXTENSION);

  // What each character, or letter with its accent apart, becomes: [new, kind].
  function byCharacter() {
    const found = new Map();
    const letters = new Map();
    for (const [kind, table] of [["marks", MARKS], ["letters", LETTERS]]) {
      for (const [text, olds] of Object.entries(table)) {
        for (const old of olds) {
          found.set(old, [text, kind]);
          if (kind === "letters") {
            letters.set(old, text);
          }
        }
      }
    }
    for (const character of [...plain, ...letters.keys()]) {
      const apart = character.normalize("NFD");
      if (Array.from(apart).length === 2) {
        found.set(apart, plain.has(character) ? [character, "marks"] : [letters.get(character), "letters"]);
      }
    }
    return found;
  }
  const becomes = byCharacter();

  function isPlain(text) {
    return Array.from(text).every((c) => plain.has(c));
  }

  // The text by a choice and [start, old, new] of each replacement, by characters.
  function improve(text, choice) {
    const before = split(text).segments;
    const kept = { text, replacements: [], before, after: before };
    if (choice === "keep" || isPlain(text)) {
      return kept;
    }
    const characters = Array.from(text);
    const replacements = [];
    let better = "";
    for (let at = 0; at < characters.length;) {
      const pair = characters.slice(at, at + 2).join("");
      const old = at + 1 < characters.length && becomes.has(pair) ? pair : characters[at];
      const [put, kind] = becomes.get(old) || [old, ""];
      if (kind === "marks" || (kind && choice === "letters")) {
        replacements.push([at, old, put]);
        better += put;
      } else {
        better += old;
      }
      at += Array.from(old).length;
    }
    const after = split(better).segments;
    return isPlain(better) && after <= before ? { text: better, replacements, before, after } : kept;
  }

  function part(name, text, className) {
    const element = document.createElement(name);
    element.textContent = text;
    if (className) {
      element.className = className;
    }
    return element;
  }

  // The text as it would be sent, each replacement with what stood there.
  function draw(place, text, found) {
    const characters = Array.from(text);
    const pieces = [];
    let at = 0;
    for (const [start, old, put] of found.replacements) {
      pieces.push(document.createTextNode(characters.slice(at, start).join("")));
      const mark = part("mark", put === "" ? "\u2205" : put === " " ? "\u2423" : put.replace("\n", "\u23ce\n"));
      mark.title = window.massivesmsCounter.visible(old);
      pieces.push(mark);
      at = start + Array.from(old).length;
    }
    pieces.push(document.createTextNode(characters.slice(at).join("")));
    place.replaceChildren(...pieces);
  }

  // What a segment costs on the chosen trunk, when that is known.
  function price(box) {
    const prices = JSON.parse(box.dataset.prices || "{}");
    const chosen = document.getElementById("trunk_id");
    return Number(prices[chosen ? chosen.value : "0"] || 0);
  }

  function show(box, name, isShown, value) {
    const place = box.querySelector(`[data-smart-part="${name}"]`);
    place.hidden = !isShown;
    const count = place.querySelector("b");
    if (count && value !== undefined) {
      count.textContent = value;
    }
  }

  function look(field) {
    const box = document.querySelector(`#${field.dataset.counter} [data-smart]`);
    const choice = document.getElementById(field.dataset.characters);
    if (!box || !choice) {
      return;
    }
    const chosen = improve(field.value, choice.value);
    const best = ["marks", "letters"].map((one) => improve(field.value, one))
      .find((one) => one.replacements.length);
    const found = chosen.replacements.length ? chosen : best;
    const doubles = [...new Set(field.value)].filter((c) => EXTENSION.includes(c) && c !== "\f");
    show(box, "doubles", doubles.length > 0, doubles.join("  "));
    show(box, "found", Boolean(found));
    box.hidden = !found && !doubles.length;
    if (!found) {
      return;
    }
    const isDone = found === chosen;
    const saved = found.before - found.after;
    const money = saved * price(box);
    show(box, "done", isDone);
    show(box, "offered", !isDone);
    show(box, "saved", saved > 0, saved);
    show(box, "money", money > 0, money.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 4 }));
    draw(box.querySelector("[data-smart-text]"), field.value, found);
    box.better = found.text;
  }

  function lookAll(root) {
    root.querySelectorAll("textarea[data-characters]").forEach(look);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-characters]")) {
      look(event.target);
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("select")) {
      lookAll(document);
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-smart-take]");
    if (!button) {
      return;
    }
    const box = button.closest("[data-smart]");
    const field = document.querySelector(`textarea[data-counter="${box.parentElement.id}"]`);
    field.value = box.better;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  document.addEventListener("DOMContentLoaded", () => lookAll(document));
  document.addEventListener("htmx:load", (event) => lookAll(event.target));

  window.massivesmsSmartText = { improve };
})();
