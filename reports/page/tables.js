// Errors by what a problem is made of; lists to choose from; predictions beside answers.

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

errorTables();
