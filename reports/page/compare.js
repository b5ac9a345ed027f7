// Two models head to head: the pair is chosen by two lists, and shared by the fragment.

function comparePage() {
  const home = find("#compare");
  if (data.compared.length < 2) return;
  const label = (place) => data.models[place].label;
  const state = { a: data.compared[0], b: data.compared[1] };
  const options = data.compared.map((place) => [place, label(place)]);
  const choose = (name) => (value) => {
    const other = name === "a" ? "b" : "a";
    if (Number(value) === state[other]) state[other] = state[name];
    state[name] = Number(value);
    location.replace(`#${new URLSearchParams({ a: label(state.a), b: label(state.b) })}`);
    show();
  };
  const lists = { a: select("First", options, choose("a")), b: select("Second", options, choose("b")) };
  const swap = make("button", { type: "button", class: "more", onclick: () => choose("a")(state.b) }, "Swap");
  const told = make("p", { class: "outcome", "aria-live": "polite" });
  const place = make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Differences by task" });
  home.append(make("div", { class: "controls" }, lists.a, lists.b, swap), told, place);

  /** The rows of the chosen pair, the first model's side first. */
  function rows() {
    const straight = data.pairs[`${state.a} ${state.b}`];
    const found = straight ?? data.pairs[`${state.b} ${state.a}`];
    return found.panel.map((panel, index) => {
      const at = (name) => found[name][index];
      const common = { panel, beyond: at("beyond"), n: at("n"), seeds: at("seeds"), p: at("p"), more: at("more") };
      return straight
        ? { ...common, first: at("score_a"), second: at("score_b"), difference: at("difference"), low: at("low"), high: at("high"), onlyFirst: at("only_a"), onlySecond: at("only_b"), better: at("better") }
        : { ...common, first: at("score_b"), second: at("score_a"), difference: -at("difference"), low: -at("high"), high: -at("low"), onlyFirst: at("only_b"), onlySecond: at("only_a"), better: -at("better") };
    });
  }

  const signed = (share) => `${share > 0 ? "+" : share < 0 ? "−" : ""}${percent(Math.abs(share))}`;
  const probability = (p) => p === null ? "–" : p < 0.001 ? "< 0.001" : String(p);

  function verdict(row) {
    if (row.better) return [make("b", {}, label(row.better > 0 ? state.a : state.b)), make("small", {}, "is better")];
    const more = row.difference === 0 ? "no difference seen" : row.more === null ? "more problems would not decide it" :
      row.more >= 1e9 ? "not within a billion problems" : `${row.more.toLocaleString("en")} more problems would decide it`;
    return [make("b", {}, "tie"), make("small", {}, more)];
  }

  /** The interval of a difference as a bar about zero; `widest` is the largest bound of all rows. */
  function bar(row, widest) {
    const at = (share) => round(60 + 55 * share / (widest || 1));
    return draw("svg", { class: "forest", viewBox: "0 0 120 20", role: "img", "aria-label": `difference ${signed(row.difference)}, from ${signed(row.low)} to ${signed(row.high)}` },
      draw("path", { class: "rule", d: "M60,0V20" }),
      draw("path", { class: row.better ? "known" : "open", d: `M${at(row.low)},10H${at(row.high)}` }),
      draw("circle", { class: row.better ? "known" : "open", cx: at(row.difference), cy: 10, r: 3.5 }));
  }

  function link(panel) {
    return make("a", { href: data.root + data.panels[panel].page }, nameOf(panel));
  }

  function show() {
    find("select", lists.a).value = String(state.a);
    find("select", lists.b).value = String(state.b);
    const found = rows();
    const many = (better) => found.filter((row) => row.better === better).length;
    const of = (count) => `${count} ${count === 1 ? "row" : "rows"}`;
    told.replaceChildren(...(found.length ? [
      make("b", {}, label(state.a)), ` is better on ${of(many(1))}, `, make("b", {}, label(state.b)), ` on ${of(many(-1))}; ${many(0)} of ${found.length} tie.`]
      : ["These two have answered no problem in common."]));
    const widest = Math.max(...found.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
    const heads = ["Task", label(state.a), label(state.b), "Difference", "", "Better", "p, corrected", "Only one right", "Problems"];
    const body = found.map((row) => make("tr", {},
      make("th", { scope: "row" }, link(row.panel), make("small", {}, row.beyond ? " beyond training" : "")),
      make("td", { class: "figure", "data-head": label(state.a) }, percent(row.first)),
      make("td", { class: "figure", "data-head": label(state.b) }, percent(row.second)),
      make("td", { class: "figure", "data-head": "Difference" }, make("b", {}, signed(row.difference)), make("small", {}, `${signed(row.low)} … ${signed(row.high)}`)),
      make("td", { class: "drawn" }, bar(row, widest)),
      make("td", { class: `who ${row.better ? "known" : "tie"}` }, ...verdict(row)),
      make("td", { class: "figure", "data-head": "p, corrected" }, probability(row.p)),
      make("td", { class: "figure", "data-head": "Only one right" }, `${row.onlyFirst.toLocaleString("en")} : ${row.onlySecond.toLocaleString("en")}`),
      make("td", { class: "figure", "data-head": "Problems" }, row.n.toLocaleString("en"), make("small", {}, `${row.seeds} seed${row.seeds === 1 ? "" : "s"}`))));
    place.replaceChildren(make("table", { class: "plain beside compare" },
      make("thead", {}, make("tr", {}, ...heads.map((head, index) => make("th", { scope: "col", class: [1, 2, 3, 6, 7, 8].includes(index) ? "figure" : null }, head)))),
      make("tbody", {}, ...body)));
    examples();
  }

  /** The problems that the one got right and the other wrong, of each task a few. */
  function examples() {
    const home = find("#apart");
    const { problems, said, only } = data.examples;
    const apart = rows();
    const parts = [[state.a, state.b], [state.b, state.a]].map(([right, wrong]) => {
      const all = apart.reduce((sum, row) => sum + (right === state.a ? row.onlyFirst : row.onlySecond), 0);
      const shown = (only[`${right} ${wrong}`] ?? []).map((index) => {
        const [panel, level, beyond, question, answer] = problems[index];
        const prediction = said[index][wrong];
        const told = prediction === null || prediction === undefined ? [make("span", { class: "empty" }, "nothing")] :
          prediction === "" ? [make("span", { class: "empty" }, "empty text")] : compared(prediction, answer);
        return make("tr", {}, make("td", {}, link(panel), make("br"), make("small", {}, `level ${level}${beyond ? ", beyond" : ""}`)),
          make("td", { class: "math", "data-head": "Question" }, make("span", {}, question)),
          make("td", { class: "math", "data-head": "Answer" }, make("span", {}, answer)),
          make("td", { class: "math", "data-head": "Said" }, make("span", {}, ...told)));
      });
      const heads = ["Task", "Question", `Answer, and ${label(right)}`, label(wrong)];
      return [make("h3", {}, make("em", {}, label(right)), " right, ", make("em", {}, label(wrong)), " wrong", shown.length < all ? make("small", {}, ` ${shown.length} of ${all.toLocaleString("en")}`) : ""),
        shown.length ? make("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${label(right)} right, ${label(wrong)} wrong` },
          make("table", { class: "plain reading" }, make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, ...shown)))
          : make("p", { class: "caption" }, "None.")];
    });
    home.hidden = false;
    home.replaceChildren(find("h2", home), ...parts.flat());
  }

  const asked = new URLSearchParams(location.hash.slice(1));
  for (const name of ["a", "b"]) {
    const known = data.compared.find((place) => label(place) === asked.get(name));
    if (known !== undefined) state[name] = known;
  }
  if (state.a === state.b) state.b = data.compared.find((place) => place !== state.a);
  show();
}

comparePage();
