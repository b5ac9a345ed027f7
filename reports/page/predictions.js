// The predictions of a task: chosen by model, outcome, level and trait, searched in their text; shared by the fragment.

function predictionsPage() {
  const home = find("#predictions");
  const { problems, rows, traits, outcomes, neighbours } = data;
  const STEP = 25;
  const state = { model: "", outcome: outcomes.includes("wrong") ? "wrong" : "", task: "", level: "", trait: "", value: "", search: "" };
  let shown = STEP;
  const beside = neighbours.length > 0;

  const label = (place) => data.models[place].label;
  const models = [...new Set(rows.model)].sort((a, b) => a - b);
  const tasks = [...new Set(problems.panel)].sort((a, b) => a - b);
  const levelName = (panel, number) => data.levels[panel].name[data.levels[panel].number.indexOf(number)] ?? `level ${number}`;
  const levelsOf = new Map();
  problems.panel.forEach((panel, index) => levelsOf.set(`${panel} ${problems.level[index]}`, tasks.length > 1
    ? `${data.panels[panel].name}: ${levelName(panel, problems.level[index])}` : levelName(panel, problems.level[index])));
  const levels = [...levelsOf].sort(([a], [b]) => a.split(" ")[0] - b.split(" ")[0] || a.split(" ")[1] - b.split(" ")[1]);

  /** What the fragment says, as far as this page knows it. */
  function recall() {
    for (const [name, value] of new URLSearchParams(location.hash.slice(1))) if (name in state) state[name] = value;
  }
  function remember() {
    const kept = Object.entries(state).filter(([, value]) => value !== "");
    location.replace(`#${new URLSearchParams(kept)}`);
  }

  const any = (words, options) => [["", words], ...options];
  const set = (name) => (value) => { state[name] = value; shown = STEP; if (name === "trait") { state.value = ""; values(); } remember(); show(); };
  const fields = {
    model: select("Model", any("all models", models.map((place) => [label(place), label(place)])), set("model")),
    outcome: select("Outcome", any("all outcomes", outcomes.map((name) => [name, name])), set("outcome")),
    level: select("Level", any("all levels", levels), set("level")),
    trait: select("Trait", any("any", traits.map(({ name }) => [name, name])), set("trait")),
    value: select("Value", [["", "any"]], set("value")),
  };
  fields.trait.hidden = !traits.length;
  const input = make("input", { type: "search", placeholder: "in any text", oninput: (event) => set("search")(event.target.value) });
  const bar = make("div", { class: "controls", role: "search" }, ...Object.values(fields), make("label", { class: "field" }, "Search", input));
  const body = make("tbody");
  const count = make("p", { class: "caption", "aria-live": "polite" });
  const more = make("button", { type: "button", class: "more", onclick: () => { shown += 2 * STEP; show(); } }, "Show more");
  const heads = ["Model", "Question", "Answer", "Prediction", "Off by", "Outcome", ...(beside ? ["Nearest training problem"] : [])];
  home.append(bar, count, make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Predictions" },
    make("table", { class: "plain reading" }, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), body)), more);

  /** The values of the chosen trait. */
  function values() {
    const chosen = traits.find(({ name }) => name === state.trait);
    find("select", fields.value).replaceChildren(...any("any", (chosen?.values ?? []).map((text) => [text, text])).map(([value, words]) => make("option", { value }, words)));
    fields.value.hidden = !chosen;
  }

  const off = (far) => far === null ? "" : far === 0 ? "0" : far < 0.0005 ? "< 0.1\u00a0%" : `${Number((100 * far).toPrecision(2)).toLocaleString("en")}\u00a0%`;

  function row(index) {
    const problem = rows.problem[index];
    const outcome = outcomes[rows.outcome[index]];
    const prediction = rows.prediction[index];
    const answer = problems.answer[problem];
    const told = prediction === null ? [make("span", { class: "empty" }, "nothing")] :
      prediction === "" ? [make("span", { class: "empty" }, "empty text")] :
      outcome === "right" ? [prediction] : compared(prediction, answer);
    const near = neighbours[problems.neighbour[problem]];
    const same = near && near[1] === prediction;
    const about = [levelsOf.get(`${problems.panel[problem]} ${problems.level[problem]}`), ...traits.filter(({ at }) => at[problem] >= 0).map(({ name, values: of, at }) => `${name} ${of[at[problem]]}`)];
    return make("tr", {},
      make("td", { class: "who" }, label(rows.model[index]), make("br"), make("small", {}, `seed ${problems.seed[problem]}`)),
      make("td", { class: "math", "data-head": "Question" }, make("span", {}, problems.question[problem], make("small", { class: "about" }, about.join(" · ")))),
      make("td", { class: "math", "data-head": "Answer" }, make("span", {}, answer)),
      make("td", { class: "math", "data-head": "Prediction" }, make("span", {}, ...told)),
      make("td", { class: "far" }, off(rows.far[index])),
      make("td", { class: outcome }, outcome),
      ...(beside ? [make("td", { class: "math near", "data-head": "Nearest" }, make("span", {}, ...(near
        ? [`${near[0]} `, make("b", same ? { class: "same", title: "the prediction is the neighbour's answer" } : {}, near[1]),
          make("small", { class: "about" }, `distance ${near[2] ?? "–"}${same ? " · its answer" : ""}`)] : ["–"])))] : []));
  }

  // What the models said to one problem stands together, in the order of the board.
  const order = rows.problem.map((_, index) => index).sort((a, b) => rows.problem[a] - rows.problem[b] || rows.model[a] - rows.model[b]);

  function kept() {
    const trait = traits.find(({ name }) => name === state.trait);
    const value = trait && state.value !== "" ? trait.values.indexOf(state.value) : -1;
    const words = state.search.toLowerCase();
    const holds = (text) => text !== null && text.toLowerCase().includes(words);
    return order.filter((index) => {
      const problem = rows.problem[index];
      return (state.model === "" || label(rows.model[index]) === state.model) &&
        (state.outcome === "" || outcomes[rows.outcome[index]] === state.outcome) &&
        (state.level === "" || `${problems.panel[problem]} ${problems.level[problem]}` === state.level) &&
        (!trait || (value < 0 ? trait.at[problem] >= 0 : trait.at[problem] === value)) &&
        (words === "" || holds(problems.question[problem]) || holds(problems.answer[problem]) || holds(rows.prediction[index]));
    });
  }

  function show() {
    const found = kept();
    body.replaceChildren(...found.slice(0, shown).map(row));
    const chosen = models.filter((place) => state.model === "" || label(place) === state.model);
    const all = chosen.reduce((sum, place) => sum + Object.entries(data.stored[place] ?? {})
      .reduce((part, [outcome, many]) => part + (state.outcome === "" || outcome === state.outcome ? many : 0), 0), 0);
    const narrowed = state.level !== "" || state.trait !== "" || state.search !== "";
    const of = `${state.outcome ? `${state.outcome} ` : ""}predictions${state.model ? ` of ${state.model}` : ""}`;
    count.textContent = `${Math.min(found.length, shown).toLocaleString("en")} of ${found.length.toLocaleString("en")} that match shown` +
      (narrowed ? "." : `; the run holds ${all.toLocaleString("en")} ${of}.`);
    more.hidden = found.length <= shown;
  }

  function fill() {
    values();
    for (const [name, field] of Object.entries(fields)) {
      find("select", field).value = state[name];
      if (find("select", field).selectedIndex < 0) { state[name] = ""; find("select", field).value = ""; }
    }
    input.value = state.search;
    show();
  }
  recall();
  fill();
}

predictionsPage();
