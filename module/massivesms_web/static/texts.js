// Beside a text: saved texts, places put in by a click, words that operators refuse.
//
//   <select data-template-of="ID">        its options have data-text
//   <div data-places-of="ID"> <button data-place="name">
//   <p data-refused-in="ID" data-words='["..."]'> <b></b>
(function () {
  "use strict";

  const HEAD_BYTES = 65536; // of a file, to find its first line
  const MOST_PLACES = 40;
  const MOST_TITLE = 60;

  function write(field, text, isWhole) {
    field.focus();
    if (isWhole) {
      field.select();
    }
    // As if it was typed, so that it can be taken back; else straight into the field.
    if (!document.execCommand("insertText", false, text)) {
      const start = isWhole ? 0 : field.selectionStart;
      const end = isWhole ? field.value.length : field.selectionEnd;
      field.setRangeText(text, start, end, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  // Words without what people write in different ways, as domain/keywords.py does.
  function fold(text) {
    const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.replace(/['’‘`´ʼ]/g, "").split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  }

  function warn(note) {
    const field = document.getElementById(note.dataset.refusedIn);
    if (!field) {
      return;
    }
    const written = ` ${fold(field.value).join(" ")} `;
    const found = JSON.parse(note.dataset.words).filter((word) => {
      const folded = fold(word).join(" ");
      return folded && written.includes(` ${folded} `);
    });
    note.querySelector("b").textContent = found.join(", ");
    note.hidden = found.length === 0;
  }

  function warnAll(root) {
    root.querySelectorAll("[data-refused-in]").forEach(warn);
  }

  // The titles of a CSV file's columns: its first line, if it has words and no numbers.
  function titlesOf(head) {
    const line = head.replace(/^\uFEFF/, "").split(/\r?\n/).find((one) => one.trim()) || "";
    const cells = line.split(/[;,\t|]/).map((cell) => cell.trim().replace(/^"|"$/g, ""));
    const areTitles = cells.every((cell) => !/\d{5}/.test(cell)) && cells.length > 1;
    return areTitles ? cells.filter((cell) => cell && cell.length <= MOST_TITLE && !/[<>]/.test(cell)) : [];
  }

  function offer(box, titles) {
    const buttons = titles.slice(0, MOST_PLACES).map((title) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-secondary btn-sm";
      button.dataset.place = title;
      button.textContent = `<${title}>`;
      return button;
    });
    box.replaceChildren(...buttons);
  }

  async function readTitles(input) {
    const box = input.form && input.form.querySelector(".place-buttons");
    const file = input.files[0];
    if (!box || !file || /\.(xlsx?|ods)$/i.test(file.name)) {
      return;
    }
    const bytes = await file.slice(0, HEAD_BYTES).arrayBuffer();
    let head;
    try {
      head = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    } catch {
      head = new TextDecoder("windows-1252").decode(bytes);
    }
    offer(box, titlesOf(head));
  }

  document.addEventListener("change", (event) => {
    const changed = event.target;
    if (changed.matches("select[data-template-of]")) {
      const text = changed.selectedOptions[0].dataset.text;
      const field = document.getElementById(changed.dataset.templateOf);
      if (field && text !== undefined) {
        write(field, text, true);
        changed.selectedIndex = 0; // applied: a text that is emptied afterwards stays so
      }
    } else if (changed.matches("input[type=file]")) {
      readTitles(changed);
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-place]");
    const box = button && button.closest("[data-places-of]");
    const field = box && document.getElementById(box.dataset.placesOf);
    if (field) {
      write(field, `<${button.dataset.place}>`, false);
    }
  });
  // Enter in the name of a template saves that, and never sends the form around it.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.id === "template_name") {
      event.preventDefault();
      event.target.closest("details").querySelector("button").click();
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.id) {
      document.querySelectorAll(`[data-refused-in="${CSS.escape(event.target.id)}"]`).forEach(warn);
    }
  });
  document.addEventListener("DOMContentLoaded", () => warnAll(document));
  document.addEventListener("htmx:load", (event) => warnAll(event.target));
})();
