/* Small things that a page does better with script; all of it works without. */
"use strict";

document.documentElement.classList.add("js");
document.documentElement.classList.toggle("framed", window.top !== window.self);

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector(".nav-button");
  const nav = document.getElementById("nav");
  if (button && nav) {
    button.addEventListener("click", () => {
      const open = nav.classList.toggle("open");
      button.setAttribute("aria-expanded", String(open));
    });
  }
});

/* A menu closes when one looks elsewhere. */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  }
});

const FILE_AGAIN_MS = 3000;

/* A form is sent once, however often its button is pressed. One that is answered with
   a file leaves the page as it is, so it may be sent again a little later. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.hasAttribute("hx-post")) return;
  form.dataset.sent = "yes";
  if ("file" in form.dataset) {
    setTimeout(() => delete form.dataset.sent, FILE_AGAIN_MS);
  }
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
});

/* While the server is away, live parts say so instead of standing still. */
document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr ? event.detail.xhr.status : 0;
  const isAway = status === 0 || status >= 500;
  document.documentElement.classList.toggle("offline", isAway);
});

/* What is found in the address book fills the number in, and the text comes next. */
document.addEventListener("click", (event) => {
  const hit = event.target.closest("a[data-fill]");
  const field = hit && document.getElementById(hit.dataset.fill);
  if (!field) return;
  event.preventDefault();
  field.value = hit.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  hit.closest("#book-hits").replaceChildren();
  document.getElementById("book").value = "";
  (document.getElementById("text") || field).focus();
});
/* The arrows go from the search to what was found, and along it. */
document.addEventListener("keydown", (event) => {
  const book = document.getElementById("book");
  if (!book || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const places = [book, ...document.querySelectorAll("#book-hits a[data-fill]")];
  const at = places.indexOf(document.activeElement);
  if (at < 0) return;
  const next = places[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

/* One box ticks all messages of a page. */
document.addEventListener("change", (event) => {
  if (!event.target.matches(".tick-all input")) return;
  for (const box of event.target.form.querySelectorAll("input[name=message]")) {
    box.checked = event.target.checked;
  }
});
