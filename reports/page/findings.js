// What the probes found of a model: curves over what has an order, maps, and every figure as a table.

const INKS = [0, 1, 2, 3, 4, 5, 6].map((place) => ({ kind: `ink${place}`, shape: ORDER[place % 5], dash: null }));

/** Ticks at round figures that span the values. */
function roundTicks(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const step = 10 ** Math.floor(Math.log10(most - least || Math.abs(most) || 1));
  const wide = (most - least) / step > 4 ? 2 * step : (most - least) / step < 2 ? step / 2 : step;
  const first = Math.floor(least / wide);
  const last = Math.max(first + 1, Math.ceil(most / wide));
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * wide).toPrecision(12))).map((value) => [value, String(value)]);
}

const isNumber = (value) => value !== null && value !== undefined;

/** Names with their marks, below a chart of things that are no models. */
function marksOf(entries) {
  return make("p", { class: "marks" }, ...entries.map(([name, look]) => make("span", {}, swatch(null, look), name)));
}

/** One chart: a line a measure and seed over the groups of a finding's `by`. */
function curveOf({ by, groups, lines }) {
  const measures = [...new Set(lines.map(({ measure }) => measure))].slice(0, INKS.length);
  const shown = lines.filter(({ measure }) => measures.includes(measure));
  const all = shown.flatMap(({ value, low, high }) => [...value, ...low, ...high]).filter(isNumber);
  const shares = all.every((value) => value >= 0 && value <= 1);
  const yTicks = shares ? [[0, "0"], [0.5, "0.5"], [1, "1"]] : roundTicks(all);
  const every = Math.ceil(groups.length / Math.max(1, Math.floor(44 / Math.max(...groups.map((text) => text.length + 2)))));
  const xTicks = groups.map((text, place) => [place, text]).filter(([place]) => place % every === 0);
  const told = (value) => Number(value.toPrecision(3));
  const series = shown.map(({ measure, seed, x, value, low, high, n }) => ({
    model: `measure-${measures.indexOf(measure)}`, name: measure, look: INKS[measures.indexOf(measure)],
    points: x.map((place, index) => ({
      x: place, y: value[index], low: low[index], high: isNumber(low[index]) ? high[index] : null,
      words: isNumber(value[index]) ? `${groups[place]}: ${told(value[index])}${isNumber(low[index]) ? ` (${told(low[index])} to ${told(high[index])})` : ""}, n = ${n[index]}, seed ${seed}` : "",
    })),
  }));
  const frame = { x: [-0.3, groups.length - 0.7], y: [yTicks[0][0], yTicks[yTicks.length - 1][0]], yTicks, xTicks, xName: by, label: `${measures.join(", ")} by ${by}` };
  return make("div", { class: "panel" }, chart(frame, series), marksOf(measures.map((name, place) => [name, INKS[place]])));
}

/** One map: points coloured by a column that the reader chooses. */
function mapOf(map) {
  const home = make("div", { class: "panel map" }, make("h4", {}, map.measure, make("small", {}, `seed ${map.seed}`)));
  const place = make("div");
  const span = (values) => { const [least, most] = [Math.min(...values), Math.max(...values)]; const edge = (most - least || 1) * 0.05; return [least - edge, most + edge]; };
  const words = (index) => Object.entries(map.texts).map(([name, texts]) => texts[index] && `${name === "group" ? map.by : name}: ${texts[index]}`).filter(Boolean).join(", ");
  const show = (name) => {
    const texts = map.texts[name] ?? map.x.map(() => map.measure);
    const values = [...new Set(texts)].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const look = (value) => ({ ...INKS[values.indexOf(value) % 7], shape: ORDER[Math.floor(values.indexOf(value) / 7 + values.indexOf(value)) % 5] });
    const series = values.map((value, index) => ({
      model: `value-${index}`, name: value, look: look(value),
      points: texts.flatMap((text, point) => text === value ? [{ x: map.x[point], y: map.y[point], words: words(point) }] : []),
    }));
    const frame = { width: 340, height: 300, x: span(map.x), y: span(map.y), xTicks: [], yTicks: [], marks: true, label: `${map.measure}, ${map.x.length} points by ${name ?? "place"}` };
    place.replaceChildren(chart(frame, series, false, 2.6), marksOf(name ? values.map((value) => [value || "–", look(value)]) : []));
  };
  if (map.colours.length > 1) home.append(make("div", { class: "controls" }, choices("Colour", map.colours.map((name) => [name, name === "group" ? map.by : name]), show)));
  home.append(place);
  show(map.colours[0]);
  home.append(asTable(["x", "y", ...Object.keys(map.texts)], () => map.x.map((x, index) => [x, map.y[index], ...Object.values(map.texts).map((texts) => texts[index])])));
  return home;
}

/** Draw the curves, maps and table of one finding. */
function drawFinding(home, { curves, maps, rows, left }) {
  if (curves.length) home.append(make("div", { class: "panels" }, ...curves.map(curveOf)));
  if (maps.length) home.append(make("div", { class: "panels" }, ...maps.map(mapOf)));
  if (!rows.value.length) return;
  const text = (value) => isNumber(value) ? String(value) : "–";
  const table = asTable(["Measured", "By", "Group", "Figure", "Low", "High", "n", "Seed", "Says", "Also"], () => rows.value.map((value, index) =>
    [rows.measure[index], rows.by[index], rows.group[index], text(value), text(rows.low[index]), text(rows.high[index]), rows.n[index], rows.seed[index], rows.says[index], rows.also[index]]));
  find("summary", table).textContent = `All ${rows.value.length.toLocaleString("en")} figures${left ? `, without ${left.toLocaleString("en")} more` : ""}`;
  home.append(table);
}

(data.findings ?? []).forEach((finding, place) => {
  const home = find(`#finding-${place}`);
  const folded = home.closest("details.of-task");
  if (folded) folded.addEventListener("toggle", () => drawFinding(home, finding), { once: true });
  else drawFinding(home, finding);
});
