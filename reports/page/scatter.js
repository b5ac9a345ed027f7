// Near against right, and the score against what it cost and against the best shortcut: a mark a model and task.

const DIAGONAL = { words: [["computes", 0.74, 0.84], ["only near", 0.98, 0.18]] };

/** By model: the marks of a view's cells at the place that `across` gives for (panel, model); null leaves one out. */
function marks(view, across, words) {
  const found = new Map();
  for (const [panel, model, y, text, interval] of view.cells) {
    const x = across(panel, model);
    if (y === null || x === null || x === undefined) continue;
    if (!found.has(model)) found.set(model, []);
    found.get(model).push({ x, y, words: `${nameOf(panel)}: ${text} %${interval ? ` (${interval})` : ""}, ${words(x)}` });
  }
  return [...found].sort(([a], [b]) => a - b).map(([model, points]) => ({ model, points }));
}

/** The line where both axes say the same, and words beside it; `frame` has both from 0 to 1. */
function diagonal(svg, frame, words) {
  const [left, right, top, bottom] = [34, frame.width - 10, 8, frame.height - 36];
  svg.insertBefore(draw("path", { class: "rule", d: `M${left},${bottom}L${right},${top}` }), svg.firstChild);
  for (const [text, x, y] of words)
    svg.append(draw("text", { class: "word", x: round(left + x * (right - left)), y: round(bottom - y * (bottom - top)), "text-anchor": "end" }, text));
}

function heroFigure() {
  const home = find("#hero");
  const [near, exact] = [data.views["within-10 trained"], data.views["exact trained"]];
  if (!home || !near || !exact) return;
  const nears = new Map(near.cells.map((cell) => [`${cell[0]} ${cell[1]}`, cell[2]]));
  const series = marks(exact, (panel, model) => nears.get(`${panel} ${model}`), (x) => `${percent(x)} % within 10 %`);
  if (!series.length) return;
  const frame = { width: 340, height: 310, x: [0, 1], y: [0, 1], xTicks: PERCENTS, yTicks: PERCENTS, xName: "within 10 %", marks: true, label: "Exact score against score within ten percent, a mark for each model and task" };
  const svg = chart(frame, series, false, 4.2);
  diagonal(svg, frame, DIAGONAL.words);
  svg.append(draw("text", { x: 34, y: 3 }, "exact"));
  home.append(svg);
  home.hidden = false;
}

const SPENT = { operations: ["Operations", "operations in training"], seconds: ["Seconds", "seconds of training"], examples: ["Examples", "examples seen"], parameters: ["Parameters", "parameters"] };

function scatterFigures() {
  const scored = Object.keys(data.metrics).filter((name) => name !== "past" && !data.losses.includes(name) && data.views[`${name} trained`]?.cells.some((cell) => cell[2] !== null));
  const costs = Object.keys(SPENT).filter((name) => data.spent[name].some((value) => value !== null));
  if (!scored.length) return;
  const state = { metric: scored[0], cost: costs[0] };
  find("#figures").hidden = false;
  find("#scatter-controls").append(...[
    choices("Score", scored.map((name) => [name, data.metrics[name]]), (value) => { state.metric = value; show(); }),
    costs.length ? choices("Against", costs.map((name) => [name, SPENT[name][0]]), (value) => { state.cost = value; show(); }) : null,
  ].filter((control) => control));
  const view = () => data.views[`${state.metric} trained`];
  const size = { width: 520, height: 330, y: [0, 1], yTicks: PERCENTS, marks: true };
  const tidy = (value) => Number(value.toPrecision(3)).toLocaleString("en");
  const [compute, shortcuts] = [find("#compute"), find("#shortcuts")];
  const spent = (name) => new Map(data.spent.panel.map((panel, place) => [`${panel} ${data.spent.model[place]}`, data.spent[name][place]]));

  function showCompute() {
    const at = spent(state.cost);
    const series = marks(view(), (panel, model) => at.get(`${panel} ${model}`), (x) => `${tidy(x)} ${SPENT[state.cost][1]}`);
    compute.hidden = !series.length;
    const all = series.flatMap(({ points }) => points.map((point) => point.x));
    const [low, high] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))];
    const decades = Array.from({ length: Math.max(high - low, 1) + 1 }, (_, place) => low + place);
    const step = Math.ceil(decades.length / 9);
    const ticks = decades.filter((power) => (power - low) % step === 0).map((power) => [10 ** power, power < 0 || power > 3 ? `10${superscript(power)}` : String(10 ** power)]);
    const frame = { ...size, logX: true, x: [10 ** (low - 0.06 * decades.length / 2), 10 ** decades[decades.length - 1]], xTicks: ticks, xName: SPENT[state.cost][1], label: `Score against ${SPENT[state.cost][1]}, a mark for each model and task` };
    replace(compute, series.length ? chart(frame, series, false, 4.2) : null);
  }

  function showShortcuts() {
    const { shortcut } = view();
    const series = marks(view(), (panel, model) => data.models[model].shortcut ? null : shortcut[panel]?.[0], (x) => `best shortcut ${percent(x)} %`);
    shortcuts.hidden = !series.length;
    const frame = { ...size, x: [0, 1], xTicks: PERCENTS, xName: "best shortcut", label: "Score against the best shortcut's, a mark for each model and task" };
    const svg = series.length ? chart(frame, series, false, 4.2) : null;
    if (svg) diagonal(svg, frame, [["beyond looking up", 0.62, 0.7], ["behind it", 0.98, 0.42]]);
    replace(shortcuts, svg);
  }

  function replace(home, svg) {
    findAll(":scope > svg", home).forEach((old) => old.remove());
    if (svg) find(".caption", home).after(svg);
    hide();
  }

  const show = () => { showCompute(); showShortcuts(); };
  const rowsOf = (more) => view().cells.filter((cell) => cell[2] !== null).map(([panel, model, , text, interval]) => [nameOf(panel), data.models[model].label, text, interval, ...more(panel, model)]);
  const known = (value) => value === null || value === undefined ? "–" : tidy(value);
  compute.append(asTable(["Task", "Model", "Percent", "95 % interval", ...costs.map((name) => SPENT[name][0])], () => {
    const columns = costs.map(spent);
    return rowsOf((panel, model) => columns.map((column) => known(column.get(`${panel} ${model}`))));
  }));
  shortcuts.append(asTable(["Task", "Model", "Percent", "95 % interval", "Best shortcut", "Percent"], () => {
    const { shortcut } = view();
    return rowsOf((panel) => shortcut[panel] ? [shortcut[panel][2], shortcut[panel][1]] : ["–", "–"]);
  }));
  show();
}

const superscript = (power) => String(power).replace(/./g, (digit) => digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]);

if (data.models.length) {
  heroFigure();
  legend();
  scatterFigures();
}
