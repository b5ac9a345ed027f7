// The board: choose the score and the levels, sort by any column, filter models and tasks.

function boardMain() {
  const table = find("#board-table");
  if (!table) return;
  const controls = find("#board-controls");
  const rows = findAll("tbody tr", table);
  const sorted = { column: null, down: true };

  const chosen = (name, other) => (find(`input[name=${name}]:checked`, controls) || { value: other }).value;
  const view = () => data.views[`${chosen("metric", "exact")} ${chosen("levels", "trained")}`];

  const isLoss = () => data.losses.includes(chosen("metric", "exact"));

  function fill() {
    const { cells, shortcut, chance, published } = view();
    table.dataset.view = chosen("metric", "exact");
    findAll("tbody td[data-panel]", table).forEach((cell) => write(cell, "", "", "", ""));
    const means = data.models.map(() => []);
    for (const [panel, model, value, text, interval, , note, heat] of cells) {
      write(find(`td[data-panel="${panel}"]`, rowOf(model)), text, interval, note, heat);
      if (value !== null) means[model].push(value);
    }
    const most = Math.max(0, ...means.map((values) => values.length));
    means.forEach((values, model) => {
      const mean = values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
      const few = values.length && values.length < most ? `${values.length} of ${most} tasks` : "";
      write(find(".mean", rowOf(model)), isLoss() && mean !== null ? mean.toPrecision(3) : percent(mean), few, "", "side mean");
      rowOf(model).dataset.mean = mean ?? "";
    });
    company("#row-published", published, (entry) => [entry[1], entry[2]]);
    company("#row-shortcut", shortcut, (entry) => [entry[1], entry[2]]);
    company("#row-chance", chance, (entry) => [entry[1], ""]);
    if (sorted.column) sort();
    filter();
  }

  const rowOf = (model) => rows.find((row) => row.dataset.model === String(model));

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

  function keyOf(row, column) {
    const model = data.models[row.dataset.model];
    if (column === "label") return model.label.toLowerCase();
    if (column === "parameters" || column === "seconds") return data.company[row.dataset.model][column][0];
    if (column === "mean") return row.dataset.mean === "" ? null : Number(row.dataset.mean);
    const cell = view().cells.find((entry) => entry[0] === Number(column) && entry[1] === Number(row.dataset.model));
    return cell ? cell[2] : null;
  }

  function sort() {
    const keyed = rows.map((row) => [keyOf(row, sorted.column), row]);
    keyed.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return (a < b ? -1 : a > b ? 1 : 0) * (sorted.down ? -1 : 1);
    });
    find("tbody", table).append(...keyed.map(([, row]) => row));
  }

  function filter() {
    const models = find("#filter-models").value.trim().toLowerCase();
    const tasks = find("#filter-tasks").value.trim().toLowerCase();
    const shortcuts = find("#filter-shortcuts").checked;
    let shown = 0;
    for (const row of rows) {
      const model = data.models[row.dataset.model];
      row.hidden = !model.label.toLowerCase().includes(models) || (model.shortcut && !shortcuts);
      shown += !row.hidden;
    }
    data.panels.forEach((panel, place) => {
      const name = `${panel.title} ${panel.area}/${panel.name}`.toLowerCase();
      findAll(`[data-panel="${place}"]`, table).forEach((cell) => (cell.hidden = !name.includes(tasks)));
    });
    const beyond = chosen("levels", "trained") === "beyond" ? "levels beyond training" : "trained levels";
    const words = data.metrics[chosen("metric", "exact")];
    const counts = view().cells.map((cell) => cell[5]).filter((n) => n > 0).sort((a, b) => a - b);
    const [least, most] = [counts[0], counts[counts.length - 1]].map((n) => (n ?? 0).toLocaleString("en"));
    const many = least === most ? most : `${least} to ${most}`;
    const seeds = `${data.seeds} seed${data.seeds === 1 ? "" : "s pooled"}`;
    find("#board-caption").textContent =
      `${words}, ${beyond}: ${isLoss() ? "less is better" : "percent"}, with the 95 % interval below; ${many} problems a score, ${seeds}. ${shown} of ${rows.length} models.`;
  }

  findAll("thead button", table).forEach((button) => {
    button.addEventListener("click", () => {
      const column = button.dataset.column;
      sorted.down = sorted.column === column ? !sorted.down : column !== "label";
      sorted.column = column;
      findAll("thead th", table).forEach((head) => head.setAttribute("aria-sort", "none"));
      button.closest("th").setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      sort();
    });
  });
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("change", fill);
  controls.addEventListener("input", filter);
  fill();
}

boardMain();
