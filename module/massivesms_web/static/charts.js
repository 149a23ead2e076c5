/* Draws what a hidden element has in data-chart into the figure that names it.
   The figure stays when its numbers are fetched again, so nothing flickers; only
   what has changed is drawn anew. Without script the table beside it has them. */
"use strict";

(() => {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const numbers = new Intl.NumberFormat(document.documentElement.lang || "en");
  const drawn = new Map(); // figure -> {chart, text, mode}

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.color = colour("ink-soft");
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.animation = false;

  const legend = (position) => ({
    position,
    labels: { boxWidth: 12, boxHeight: 12, color: colour("ink") },
  });

  const shareOf = (data) => ({
    type: "doughnut",
    data: {
      labels: data.labels,
      datasets: [
        {
          data: data.values,
          backgroundColor: data.states.map(colour),
          borderColor: "#fff",
          borderWidth: 2,
        },
      ],
    },
    options: {
      cutout: "58%",
      plugins: {
        legend: legend("bottom"),
        tooltip: {
          callbacks: {
            label: (item) => ` ${item.label}: ${numbers.format(item.raw)}`,
          },
        },
      },
    },
  });

  const addedUp = (values) => {
    let sum = 0;
    return values.map((value) => (sum += value));
  };

  const lines = (data, mode) =>
    data.series.map((one) => ({
      label: one.label,
      data: mode === "sum" ? addedUp(one.values) : one.values,
      borderColor: colour(one.state),
      backgroundColor: colour(one.state),
      borderWidth: 2,
      pointRadius: data.labels.length > 40 ? 0 : 2,
      pointHitRadius: 10,
      tension: 0,
    }));

  const axes = (grid) => ({
    x: {
      grid: { display: false },
      ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 16 },
    },
    y: {
      beginAtZero: true,
      grid: { color: grid },
      ticks: { precision: 0, callback: (value) => numbers.format(value) },
    },
  });

  const FEW = 3; // too few points for a line
  const overTime = (type) => (data, mode) => ({
    type: data.labels.length < FEW ? "bar" : type,
    data: { labels: data.labels, datasets: lines(data, mode) },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: axes(colour("line")),
      plugins: {
        legend: legend("top"),
        tooltip: {
          callbacks: {
            label: (item) => ` ${item.dataset.label}: ${numbers.format(item.raw)}`,
          },
        },
      },
    },
  });

  const KINDS = { share: shareOf, course: overTime("line"), hours: overTime("bar") };

  const isEmpty = (data) =>
    !(data.values || []).length &&
    !(data.series || []).some((one) => one.values.some((value) => value));

  const draw = (figure) => {
    const source = document.getElementById(figure.dataset.chartOf);
    if (!source) return;
    const before = drawn.get(figure);
    const mode = figure.querySelector("[data-mode][aria-pressed=true]")?.dataset.mode;
    const text = source.dataset.chart;
    if (before && before.text === text && before.mode === mode) return;
    const data = JSON.parse(text);
    figure.hidden = isEmpty(data);
    if (figure.hidden) return;
    const made = KINDS[data.kind](data, mode);
    let chart = before?.chart;
    if (chart && chart.config.type !== made.type) {
      chart.destroy();
      chart = null;
    }
    if (chart) {
      const hidden = new Map(
        chart.data.datasets.map((one, n) => [one.label, !chart.isDatasetVisible(n)]),
      );
      chart.data = made.data;
      if (data.kind !== "share") {
        for (const one of chart.data.datasets) one.hidden = hidden.get(one.label);
      }
      chart.update("none");
    } else {
      chart = new Chart(figure.querySelector("canvas"), made);
    }
    drawn.set(figure, { chart, text, mode });
  };

  const drawAll = () => {
    for (const figure of document.querySelectorAll("[data-chart-of]")) draw(figure);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-mode]");
    const figure = button && button.closest("[data-chart-of]");
    if (!figure) return;
    for (const one of figure.querySelectorAll("[data-mode]")) {
      one.setAttribute("aria-pressed", String(one === button));
    }
    draw(figure);
  });
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("htmx:oobAfterSwap", drawAll);
  window.addEventListener("beforeprint", () => {
    for (const { chart } of drawn.values()) chart.resize();
  });
  drawAll();
})();
