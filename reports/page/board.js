// The board: choose the score and the levels, sort by any column, filter, choose columns; the choice stands in the URL.

const CHOICES = { metric: Object.keys(data.metrics)[0] ?? "exact", levels: "trained", models: "", tasks: "", area: "", kinds: "", columns: "", sort: "" };

function boardMain() {
  const table = find("#board-table");
  if (!table) return;
  const controls = find("#board-controls");
  const rows = findAll("tbody tr", table);
  const ticks = (name) => findAll(`input[name=${name}]`, controls);
  const ticked = (name) => ticks(name).filter((box) => box.checked).map((box) => box.value);
  CHOICES.kinds = ticks("kind").map((box) => box.value).join(",");
  CHOICES.columns = ticked("column").join(",");
  const sorted = { column: null, down: true };

  const chosen = (name) => (find(`input[name=${name}]:checked`, controls) ?? { value: CHOICES[name] }).value;
  const view = () => data.views[`${chosen("metric")} ${chosen("levels")}`];
  const isLoss = () => data.losses.includes(chosen("metric"));
  const valueOf = (id) => (find(id)?.value ?? "").trim();

  function fill() {
    const { cells, shortcut, chance, published } = view();
    table.dataset.view = chosen("metric");
    findAll("tbody td[data-panel]", table).forEach((cell) => write(cell, "", "", "", ""));
    const means = data.models.map(() => []);
    for (const [panel, model, value, text, interval, , note, heat] of cells) {
      write(places.get(`${panel} ${model}`), text, interval, note, heat);
      if (value !== null) means[model].push(value);
    }
    const most = Math.max(0, ...means.map((values) => values.length));
    means.forEach((values, model) => {
      const mean = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
      const few = values.length && values.length < most ? `${values.length} of ${most} tasks` : "";
      write(find(".mean", rowOf.get(model)), isLoss() && mean !== null ? mean.toPrecision(3) : percent(mean), few, "", "side mean");
      rowOf.get(model).dataset.mean = mean ?? "";
    });
    company("#row-published", published, (entry) => [entry[1], entry[2]]);
    company("#row-shortcut", shortcut, (entry) => [entry[1], entry[2]]);
    company("#row-chance", chance, (entry) => [entry[1], ""]);
    if (sorted.column) sort();
  }

  const rowOf = new Map(rows.map((row) => [Number(row.dataset.model), row]));
  const places = new Map(rows.flatMap((row) => findAll("td[data-panel]", row).map((cell) => [`${cell.dataset.panel} ${row.dataset.model}`, cell])));

  function write(cell, text, interval, note, kind) {
    cell.className = kind;
    cell.title = note;
    cell.replaceChildren(make("b", {}, text), make("small", {}, interval));
  }

  function company(id, entries, texts) {
    const row = find(id, table);
    row.hidden = !Object.keys(entries).length;
    findAll("td[data-panel]", row).forEach((cell) => {
      const [text, under] = entries[cell.dataset.panel] ? texts(entries[cell.dataset.panel]) : ["–", ""];
      cell.replaceChildren(make("b", {}, text), make("small", { title: under }, under));
    });
  }

  function sort() {
    const { column, down } = sorted;
    const scores = new Map(view().cells.filter(([panel]) => String(panel) === column).map((cell) => [cell[1], cell[2]]));
    const keyOf = (row) => {
      const model = Number(row.dataset.model);
      if (column === "label") return data.models[model].label.toLowerCase();
      if (column === "mean") return row.dataset.mean === "" ? null : Number(row.dataset.mean);
      return (column in data.costs[model] ? data.costs[model][column][0] : scores.get(model)) ?? null;
    };
    const keyed = rows.map((row) => [keyOf(row), row]);
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1);
    });
    find("tbody", table).append(...keyed.map(([, row]) => row));
    findAll("thead th", table).forEach((head) => head.setAttribute("aria-sort", "none"));
    const head = findAll("thead button", table).find((button) => button.dataset.column === column);
    head.closest("th").setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function filter() {
    const [models, tasks, area] = [valueOf("#filter-models").toLowerCase(), valueOf("#filter-tasks").toLowerCase(), valueOf("#filter-area")];
    const kinds = ticks("kind").length ? ticked("kind") : null;
    let shown = 0;
    for (const row of rows) {
      const model = data.models[row.dataset.model];
      row.hidden = !model.label.toLowerCase().includes(models) || (kinds !== null && !kinds.includes(model.kind));
      shown += !row.hidden;
    }
    const kept = data.panels.map((panel) => `${panel.title} ${panel.area}/${panel.name}`.toLowerCase().includes(tasks) && (!area || panel.area === area));
    findAll("[data-panel]", table).forEach((cell) => { cell.hidden = !kept[cell.dataset.panel]; });
    const columns = ticked("column");
    findAll("[data-cost]", table).forEach((cell) => { cell.hidden = !columns.includes(cell.dataset.cost); });
    tell(shown);
    keep();
  }

  function tell(shown) {
    const beyond = chosen("levels") === "beyond" ? "levels beyond training" : "trained levels";
    const counts = view().cells.map((cell) => cell[5]).filter((n) => n > 0).sort((a, b) => a - b);
    const [least, most] = [counts[0], counts[counts.length - 1]].map((n) => (n ?? 0).toLocaleString("en"));
    const many = least === most ? most : `${least} to ${most}`;
    const seeds = `${data.seeds} seed${data.seeds === 1 ? "" : "s pooled"}`;
    find("#board-caption").textContent =
      `${data.metrics[chosen("metric")]}, ${beyond}: ${isLoss() ? "less is better" : "percent"}, with the 95 % interval below; ${many} problems a score, ${seeds}. ${shown} of ${rows.length} models.`;
  }

  /** What is chosen, as the URL's fragment says it. */
  function state() {
    return {
      metric: chosen("metric"), levels: chosen("levels"),
      models: valueOf("#filter-models"), tasks: valueOf("#filter-tasks"), area: valueOf("#filter-area"),
      kinds: ticked("kind").join(","), columns: ticked("column").join(","),
      sort: sorted.column ? `${sorted.column}-${sorted.down ? "down" : "up"}` : "",
    };
  }

  function keep() {
    const told = Object.entries(state()).filter(([name, value]) => value !== CHOICES[name]);
    find("#board-reset").hidden = !told.length;
    const fragment = told.length ? `#${new URLSearchParams(told)}` : location.pathname;
    if (told.length || location.hash.includes("=")) history.replaceState(null, "", fragment);
  }

  /** Take up what a fragment says: only what the controls themselves could have chosen. */
  function restore() {
    const told = { ...CHOICES, ...Object.fromEntries(new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "")) };
    const tick = (name, values) => ticks(name).forEach((box) => { box.checked = values.includes(box.value); });
    tick("metric", [Object.hasOwn(data.metrics, told.metric) ? told.metric : CHOICES.metric]);
    tick("levels", [ticks("levels").some((box) => box.value === told.levels) ? told.levels : CHOICES.levels]);
    tick("kind", told.kinds.split(","));
    tick("column", told.columns.split(","));
    find("#filter-models").value = told.models;
    find("#filter-tasks").value = told.tasks;
    if (find("#filter-area")) find("#filter-area").value = findAll("#filter-area option").some((option) => option.value === told.area) ? told.area : "";
    const [, column, way] = told.sort.match(/^([\w]+)-(up|down)$/) ?? [];
    sorted.column = findAll("thead button", table).some((button) => button.dataset.column === column) ? column : null;
    sorted.down = way === "down";
    if (!sorted.column) {
      find("tbody", table).append(...rows);
      findAll("thead th", table).forEach((head) => head.setAttribute("aria-sort", "none"));
    }
    fill();
    filter();
  }

  findAll("thead button", table).forEach((button) => {
    button.addEventListener("click", () => {
      const column = button.dataset.column;
      sorted.down = sorted.column === column ? !sorted.down : column !== "label";
      sorted.column = column;
      sort();
      keep();
    });
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("change", (event) => { if (["metric", "levels"].includes(event.target.name)) fill(); filter(); });
  controls.addEventListener("input", filter);
  find("#board-reset").addEventListener("click", () => { history.replaceState(null, "", location.pathname); restore(); });
  addEventListener("hashchange", () => { if (location.hash.includes("=")) restore(); });
  restore();
}

boardMain();
