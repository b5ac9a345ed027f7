// The figures: the score by difficulty and by tolerance, learning curves; each with its table.

// The charts that page.css shows at first: in a wide window, and in a narrow one.
const [MANY, FEW] = [12, 6];
const PERCENTS = [[0, "0"], [0.25, ""], [0.5, "50"], [0.75, ""], [1, "100"]];

/** A row of choices; the first is taken. Calls back with the value chosen. */
function choices(legend, options, changed) {
  const name = `choice-${legend.toLowerCase()}-${findAll("fieldset").length}`;
  const labels = options.map(([value, words], place) =>
    make("label", {}, make("input", { type: "radio", name, value, checked: place === 0, onchange: () => changed(value) }), make("span", {}, words)));
  return make("fieldset", { class: "choice" }, make("legend", {}, legend), ...labels);
}

/** A table that is built when it is opened. */
function asTable(heads, rows) {
  const details = make("details", {}, make("summary", {}, "As a table"));
  details.addEventListener("toggle", () => {
    if (details.children.length > 1) return;
    const body = rows().map((row) => make("tr", {}, ...row.map((text, place) => make(place ? "td" : "th", place ? {} : { scope: "row" }, String(text)))));
    details.append(make("div", { class: "scroll", tabindex: 0 }, make("table", { class: "plain" },
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...body))));
  });
  return details;
}

/** One chart a panel, drawn again whenever a choice changes; those past the first wait for a button, in page.css. */
function panels(home, entriesOf, chartOf, headOf = (panel) => [panel.name, panel.title || panel.area]) {
  const grid = make("div", { class: "panels some" });
  const all = make("button", { type: "button", onclick: () => { grid.classList.remove("some"); all.hidden = true; } });
  home.append(grid, all);
  home.hidden = false;
  return () => {
    const drawn = data.panels.map((panel, place) => [panel, place, entriesOf(place)]).filter(([, , entries]) => entries.length);
    grid.replaceChildren(...drawn.map(([panel, place, entries]) =>
      make("div", { class: "panel" }, make("h4", {}, headOf(panel)[0], make("small", {}, headOf(panel)[1])), chartOf(place, entries))));
    all.textContent = `Show all ${drawn.length} tasks`;
    all.className = drawn.length > MANY ? "more" : "more narrow";
    all.hidden = drawn.length <= FEW || !grid.classList.contains("some");
    hide();
  };
}

/** The models of the page's figures, each a button that hides it. */
function legend() {
  if (!find("#legend")) return;
  const buttons = Array.from(data.shown ?? data.models.keys()).map((place) => [data.models[place], place]).map(([model, place]) => make("button", {
    type: "button", "aria-pressed": "true", title: model.label,
    onpointerenter: () => focus(place), onpointerleave: () => focus(null),
    onclick: (event) => {
      const button = event.currentTarget;
      const on = button.getAttribute("aria-pressed") === "true";
      button.setAttribute("aria-pressed", String(!on));
      if (on) hiddenModels.add(place); else hiddenModels.delete(place);
      hide();
    },
  }, swatch(place), make("span", {}, model.label)));
  find("#legend").append(...buttons);
}

function difficultyFigure() {
  const home = find("#difficulty");
  if (!home || !data.difficulty) return;
  const metrics = Object.entries(data.metrics).filter(([name]) => data.difficulty.some((entry) => entry.metric === name));
  const graded = (place) => data.levels[place]?.number.length > 1;
  if (!metrics.length || !data.panels.some((_, place) => graded(place))) return;
  let metric = metrics[0][0];
  const bar = make("div", { class: "controls" }, choices("Score", metrics, (value) => { metric = value; show(); }));
  home.append(bar);
  const show = panels(home, (place) => data.difficulty.filter((entry) => graded(place) && entry.panel === place && entry.metric === metric), (place, entries) => {
    const levels = data.levels[place];
    const at = new Map(levels.number.map((number, index) => [number, index]));
    const first = levels.beyond.indexOf(true);
    const series = entries.map((entry) => ({ model: entry.model, points: entry.level.map((level, index) => ({
      x: at.get(level), y: entry.score[index], low: entry.low[index], high: entry.high[index],
      words: `${levels.name[at.get(level)]}: ${percent(entry.score[index])} %${between(entry.low[index], entry.high[index])}, n = ${entry.n[index]}`,
    })) }));
    const last = levels.number.length - 1;
    const frame = { x: [-0.35, last + 0.35], y: [0, 1], yTicks: PERCENTS, xTicks: levels.ticks.map((text, index) => [index, text]), xName: levels.axis, shadeFrom: first < 0 ? null : first - 0.5, label: `${nameOf(place)}: score by ${levels.axis}` };
    return chart(frame, series);
  });
  show();
  home.append(asTable(["Task", "Model", "Score", "Level", "Percent", "95 % interval", "n"], () => data.difficulty.flatMap((entry) =>
    entry.level.map((level, index) => [nameOf(entry.panel), data.models[entry.model].label, data.metrics[entry.metric], data.levels[entry.panel].name[data.levels[entry.panel].number.indexOf(level)], percent(entry.score[index]), between(entry.low[index], entry.high[index]).trim(), entry.n[index]]))));
}

function toleranceFigure() {
  const home = find("#tolerance");
  if (!home || !data.tolerance?.length) return;
  const words = (name) => name === "exact" ? "exact" : `${name.slice(7)} %`;
  const show = panels(home, (place) => data.tolerance.filter((entry) => entry.panel === place), (place, entries) => {
    const series = entries.map((entry) => ({ model: entry.model, points: entry.names.map((name, index) => ({
      x: index, y: entry.score[index], low: entry.low[index], high: entry.high[index],
      words: `${words(name)}: ${percent(entry.score[index])} %${between(entry.low[index], entry.high[index])}, n = ${entry.n}`,
    })) }));
    const names = entries[0].names;
    const frame = { x: [-0.3, names.length - 0.6], y: [0, 1], yTicks: PERCENTS, xTicks: names.map((name, index) => [index, words(name)]), label: `${nameOf(place)}: share within each tolerance` };
    return chart(frame, series);
  });
  show();
  home.append(asTable(["Task", "Model", "Within", "Percent", "95 % interval"], () => data.tolerance.flatMap((entry) =>
    entry.names.map((name, index) => [nameOf(entry.panel), data.models[entry.model].label, words(name), percent(entry.score[index]), between(entry.low[index], entry.high[index]).trim()]))));
}

function learningFigure() {
  const home = find("#learning");
  if (!home || !data.learning) return;
  const options = [["validation_exact", "Exact on validation"], ["loss", "Training loss"], ["validation_loss", "Validation loss"]]
    .filter(([name]) => data.learning.some((entry) => entry[name]));
  if (!options.length) return;
  const state = { y: options[0][0], x: "step" };
  const across = [["step", "By step"], ["seconds", "By seconds"]].filter(([name]) => data.learning.some((entry) => entry[name]));
  home.append(make("div", { class: "controls" },
    choices("Curve", options, (value) => { state.y = value; show(); }), choices("Against", across, (value) => { state.x = value; show(); })));
  const tidy = (value) => value >= 1000 ? `${Number((value / 1000).toPrecision(2))} k` : String(Number(value.toPrecision(2)));
  const show = panels(home, (place) => data.learning.filter((entry) => entry.panel === place && entry[state.y] && entry[state.x]), (place, entries) => {
    const log = state.y !== "validation_exact";
    const told = (value) => log ? Number(value.toPrecision(3)) : `${percent(value)} %`;
    const series = entries.map((entry) => ({ model: entry.model, points: entry[state.x].map((x, index) => ({
      x, y: entry[state.y][index],
      words: entry[state.y][index] === null ? "" : `seed ${entry.seed}, ${state.x} ${tidy(x)}: ${told(entry[state.y][index])}`,
    })).filter((point) => point.x !== null) }));
    const all = series.flatMap(({ points }) => points);
    const values = all.map((point) => point.y).filter((y) => y !== null && y > 0);
    const most = Math.max(...all.map((point) => point.x));
    const decades = log && values.length ? [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))] : [-1, 0];
    if (decades[0] === decades[1]) decades[1] += 1;
    const ticks = Array.from({ length: decades[1] - decades[0] + 1 }, (_, index) => 10 ** (decades[0] + index)).map((value) => [value, String(Number(value.toPrecision(1)))]);
    const frame = { x: [0, most], y: log ? [ticks[0][0], ticks[ticks.length - 1][0]] : [0, 1], log, yTicks: log ? ticks : PERCENTS, xTicks: [0, most / 2, most].map((x) => [x, tidy(x)]), xName: state.x, label: `${nameOf(place)}: learning curves` };
    return chart(frame, series, true);
  }, (panel) => (panel.title ? [panel.title, isMixture(panel) ? "mixture" : panel.name] : [panel.name, panel.area]));
  show();
  home.append(asTable(["Task", "Model", "Seed", "Steps", "Last loss", "Last exact on validation"], () => data.learning.map((entry) => {
    const last = (name) => entry[name] ? entry[name][entry[name].length - 1] : null;
    return [nameOf(entry.panel), data.models[entry.model].label, entry.seed, last("step") ?? "", last("loss") ?? "", entry.validation_exact ? percent(last("validation_exact")) : ""];
  })));
}

if (data.models.length && (data.difficulty?.length || data.learning?.length)) {
  legend();
  if (find("#figures")) find("#figures").hidden = false;
  difficultyFigure();
  toleranceFigure();
  learningFigure();
}
