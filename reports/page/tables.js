// Errors by what a problem is made of, and predictions to read.

/** A labelled list of [value, words] to choose from. */
function select(label, options, changed) {
  const list = make("select", { onchange: (event) => changed(event.target.value) }, ...options.map(([value, words]) => make("option", { value }, words)));
  return make("label", { class: "field" }, label, list);
}

function errorTables() {
  const home = find("#errors");
  if (!home || !data.errors?.length) return;
  home.hidden = false;
  const state = { entry: data.errors.find((entry) => entry.trait.includes("operator")) ?? data.errors[0] };
  const bar = make("div", { class: "controls" });
  const place = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Errors" });
  home.append(bar, place);
  const tasks = [...new Set(data.errors.map((entry) => entry.panel))];

  function traits(panel) {
    const found = data.errors.filter((entry) => entry.panel === panel);
    state.entry = found[0];
    const task = select("Task", tasks.map((task) => [task, nameOf(task)]), (value) => traits(Number(value)));
    find("select", task).value = String(panel);
    task.hidden = tasks.length < 2;
    bar.replaceChildren(task, select("By", found.map((entry, index) => [index, entry.trait]), (value) => { state.entry = found[value]; show(); }));
    show();
  }

  function show() {
    const { values, model, value, score, low, high, n, far } = state.entry;
    const models = [...new Set(model)].sort((a, b) => a - b);
    const at = new Map(model.map((who, index) => [`${who} ${value[index]}`, index]));
    const row = (who) => make("tr", data.models[who].shortcut ? { class: "shortcut" } : {},
      make("th", { scope: "row" }, make("span", { title: data.models[who].label }, data.models[who].label)),
      ...values.map((_, group) => {
        const index = at.get(`${who} ${group}`);
        if (index === undefined) return make("td", {}, "–");
        const wrong = 1 - score[index];
        const off = far[index] === null || far[index] === 0 ? "" : `off ${Number((100 * far[index]).toPrecision(2))} %`;
        const note = `${percent(wrong)} % wrong (${percent(1 - high[index])}–${percent(1 - low[index])}), n = ${n[index]}`;
        return make("td", { class: `loss h${Math.round(10 * wrong)}`, title: note }, make("b", {}, percent(wrong)), make("small", {}, off));
      }));
    const heads = make("tr", {}, make("th", { scope: "col" }, state.entry.trait), ...values.map((text) => make("th", { scope: "col" }, text)));
    place.replaceChildren(make("table", { class: "board" }, make("thead", {}, heads), make("tbody", {}, ...models.map(row))));
  }

  traits(state.entry.panel);
}

/** The prediction with the characters marked that differ from the answer, both written from the right. */
function compared(prediction, answer) {
  const shift = answer.length - prediction.length;
  const parts = [];
  Array.from({ length: prediction.length }, (_, place) => {
    const same = prediction[place] === answer[place + shift];
    const last = parts[parts.length - 1];
    if (last && last.same === same) last.text += prediction[place];
    else parts.push({ same, text: prediction[place] });
  });
  return parts.map(({ same, text }) => same ? text : make("mark", {}, text));
}

function readingsTable() {
  const home = find("#readings");
  const all = data.readings;
  if (!home || !all?.panel?.length) return;
  home.hidden = false;
  const outcomes = [...new Set(all.outcome)].sort();
  const state = { model: "", panel: "", outcome: outcomes.includes("wrong") ? "wrong" : "", shown: 20 };
  const set = (name) => (value) => { state[name] = value; state.shown = 20; show(); };
  const body = make("tbody");
  const count = make("p", { class: "caption", "aria-live": "polite" });
  const more = make("button", { type: "button", class: "more", onclick: () => { state.shown += 40; show(); } }, "Show more");
  const any = (words, options) => [["", words], ...options];
  const bar = make("div", { class: "controls", id: "readings-controls" },
    select("Model", any("all models", data.models.map((model, place) => [place, model.label])), set("model")),
    select("Task", any("all tasks", data.panels.map((_, place) => [place, nameOf(place)])), set("panel")),
    select("Outcome", any("all outcomes", outcomes.map((name) => [name, name])), set("outcome")));
  findAll("select", bar)[2].value = state.outcome;
  const heads = ["Model", "Task", "Question", "Answer", "Prediction", "Off by", "Outcome"];
  home.append(bar, count, make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Predictions" },
    make("table", { class: "plain reading" }, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), body)), more);

  const off = (far) => far === null ? "" : far === 0 ? "0" : far < 0.0005 ? "< 0.1\u00a0%" : `${Number((100 * far).toPrecision(2)).toLocaleString("en")}\u00a0%`;

  function row(index) {
    const [panel, model] = [all.panel[index], all.model[index]];
    const levels = data.levels[panel];
    const level = levels.name[levels.number.indexOf(all.level[index])];
    const prediction = all.prediction[index];
    const told = prediction === null ? [make("span", { class: "empty" }, "nothing")] :
      prediction === "" ? [make("span", { class: "empty" }, "empty text")] :
      all.outcome[index] === "right" ? [prediction] : compared(prediction, all.answer[index]);
    return make("tr", {},
      make("td", {}, data.models[model].label, make("br"), make("small", {}, `seed ${all.seed[index]}`)),
      make("td", {}, nameOf(panel), make("br"), make("small", {}, level ?? "")),
      make("td", { class: "math", "data-head": "Question" }, make("span", {}, all.question[index])),
      make("td", { class: "math", "data-head": "Answer" }, make("span", {}, all.answer[index])),
      make("td", { class: "math", "data-head": "Prediction" }, make("span", {}, ...told)),
      make("td", { class: "far" }, off(all.far[index])),
      make("td", { class: all.outcome[index] }, all.outcome[index]));
  }

  // Turn about by model, so that the first rows are not all one model's.
  const turn = new Map();
  const order = all.panel.map((_, index) => index).map((index) => {
    const key = `${all.panel[index]} ${all.model[index]} ${all.outcome[index]}`;
    turn.set(key, (turn.get(key) ?? 0) + 1);
    return [turn.get(key), index];
  }).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, index]) => index);

  function show() {
    const kept = order.filter((index) => (state.model === "" || all.model[index] === Number(state.model)) &&
      (state.panel === "" || all.panel[index] === Number(state.panel)) && (state.outcome === "" || all.outcome[index] === state.outcome));
    body.replaceChildren(...kept.slice(0, state.shown).map(row));
    count.textContent = `${Math.min(kept.length, state.shown)} of ${kept.length} predictions drawn.`;
    more.hidden = kept.length <= state.shown;
  }
  show();
}

errorTables();
readingsTable();
