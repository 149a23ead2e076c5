/* Choosing a provider fills in its server and port. */
"use strict";

document.addEventListener("change", (event) => {
  const select = event.target;
  if (!select.matches("select[data-presets]")) return;
  const values = select.selectedOptions[0].dataset.values;
  if (!values) return;
  for (const [name, value] of Object.entries(JSON.parse(values))) {
    const field = select.form.elements.namedItem(name);
    if (field) field.value = value;
  }
});
