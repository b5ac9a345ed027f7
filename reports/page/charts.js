// Line charts in SVG: axes, lines with markers and whiskers, a tooltip at the nearest point.

const SHAPES = {
  circle: (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0Z`,
  square: (x, y, r) => `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
  diamond: (x, y, r) => `M${x},${y - r * 1.35}L${x + r * 1.35},${y}L${x},${y + r * 1.35}L${x - r * 1.35},${y}Z`,
  up: (x, y, r) => `M${x},${y - r * 1.2}L${x + r * 1.2},${y + r}H${x - r * 1.2}Z`,
  down: (x, y, r) => `M${x},${y + r * 1.2}L${x + r * 1.2},${y - r}H${x - r * 1.2}Z`,
};
const ORDER = ["circle", "square", "diamond", "up", "down"];
const DASHES = ["2 3", "6 3", "8 3 2 3", "1 4"];

/** How each model is drawn: networks in colours, methods in ink and dashed, shortcuts in greys, hollow and dashed. */
const LOOKS = (() => {
  const counts = { network: 0, method: 0, shortcut: 0 };
  return data.models.map((model) => {
    const place = counts[model.kind]++;
    const colour = { network: `ink${place % 7}`, method: "plainink", shortcut: `grey${place % 4} hollow` }[model.kind];
    return { kind: colour, shape: ORDER[place % 5], dash: model.kind === "network" ? null : DASHES[place % 4] };
  });
})();

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const round = (value) => Math.round(value * 10) / 10;

/**
 * A chart of `series`, each {model, points: [{x, y, low, high, words}]}, or with a name and look of its own; x and y in the units of `frame`:
 * {width, height, x: [from, to], y: [from, to], log, logX, xTicks: [[x, text]], yTicks, xName, shadeFrom, chance, label};
 * with `marks`, points stand alone.
 */
function chart(frame, series, thin = false, size = 3) {
  const edge = { left: 34, right: 10, top: 8, bottom: frame.xName ? 36 : 22 };
  const { width = 300, height = 190 } = frame;
  const scaleY = frame.log ? Math.log10 : (value) => value;
  const [bottom, top] = frame.y.map(scaleY);
  const scaleX = frame.logX ? Math.log10 : (value) => value;
  const [left, right] = frame.x.map(scaleX);
  const px = (x) => round(edge.left + ((scaleX(x) - left) / (right - left || 1)) * (width - edge.left - edge.right));
  const py = (y) => round(height - edge.bottom - ((scaleY(y) - bottom) / (top - bottom || 1)) * (height - edge.top - edge.bottom));
  const svg = draw("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": frame.label });
  if (frame.shadeFrom !== undefined && frame.shadeFrom !== null) {
    const from = px(frame.shadeFrom);
    svg.append(
      draw("rect", { class: "shade", x: from, y: edge.top, width: width - edge.right - from + 6, height: height - edge.top - edge.bottom }),
      draw("text", { class: "word", x: width - edge.right + 2, y: edge.top + 11, "text-anchor": "end" }, "beyond"),
    );
  }
  for (const [y, text] of frame.yTicks) {
    svg.append(
      draw("path", { class: y === frame.y[0] ? "base" : "rule", d: `M${edge.left},${py(y)}H${width - edge.right}` }),
      draw("text", { x: edge.left - 6, y: py(y) + 3.5, "text-anchor": "end" }, text),
    );
  }
  for (const [x, text] of frame.xTicks) {
    svg.append(draw("text", { x: px(x), y: height - edge.bottom + 14, "text-anchor": "middle" }, text));
  }
  if (frame.xName) {
    const middle = (edge.left + width - edge.right) / 2;
    svg.append(draw("text", { x: middle, y: height - 4, "text-anchor": "middle", class: "word" }, frame.xName));
  }
  if (frame.chance) svg.append(draw("path", { class: "chance", d: `M${edge.left},${py(frame.chance)}H${width - edge.right}` }));
  const spots = [];
  for (const { model, points, name, look = LOOKS[model] } of [...series].reverse()) {
    const known = points.filter((point) => point.y !== null && (!frame.log || point.y > 0));
    const group = draw("g", { class: `series ${look.kind}${thin ? " thin" : ""}`, "data-model": model });
    const line = known.map((point, place) => `${place ? "L" : "M"}${px(point.x)},${py(point.y)}`).join("");
    if (line && !frame.marks) group.append(draw("path", { d: line, "stroke-dasharray": look.dash }));
    const whiskers = known.filter((point) => point.low !== undefined && point.low !== null);
    const bars = whiskers.map((point) => `M${px(point.x)},${py(point.low)}V${py(point.high)}`).join("");
    if (bars) group.append(draw("path", { class: "whisker", d: bars }));
    const dots = thin && known.length > 1 ? "" : known.map((point) => SHAPES[look.shape](px(point.x), py(point.y), size)).join("");
    if (dots) group.append(draw("path", { class: "dot", d: dots }));
    for (const point of known) spots.push({ model, x: px(point.x), y: py(point.y), words: point.words, name });
    svg.append(group);
  }
  pointing(svg, spots, width);
  return svg;
}

/** Show what the nearest point says, and let the other models fade. */
function pointing(svg, spots, width) {
  const tip = find("#tip");
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const scale = width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const shown = spots.filter((spot) => !hiddenModels.has(spot.model));
    const near = shown.reduce((best, spot) => {
      const far = Math.hypot(spot.x - x, spot.y - y);
      return far < best.far ? { far, spot } : best;
    }, { far: 28, spot: null }).spot;
    focus(near ? near.model : null);
    tip.hidden = !near;
    if (!near) return;
    tip.replaceChildren(make("b", {}, near.name ?? data.models[near.model].label), near.words);
    const [wide, high] = [tip.offsetWidth, tip.offsetHeight];
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, window.innerWidth - wide - 4))}px`;
    tip.style.top = `${event.clientY - high - 12 < 4 ? event.clientY + 18 : event.clientY - high - 12}px`;
  });
  svg.addEventListener("pointerleave", () => {
    tip.hidden = true;
    focus(null);
  });
}

const hiddenModels = new Set();

/** Let one model stand out in every figure; null for none. */
function focus(model) {
  document.body.classList.toggle("focusing", model !== null);
  findAll(".series").forEach((group) => group.classList.toggle("focused", group.dataset.model === String(model)));
}

/** Hide the models that the legend has switched off. */
function hide() {
  findAll(".series[data-model]").forEach((group) => group.classList.toggle("off-show", hiddenModels.has(Number(group.dataset.model))));
}

/** A short piece of a line with its mark, a model's or one of a look of its own. */
function swatch(model, look = LOOKS[model]) {
  return draw("svg", { viewBox: "0 0 28 14", "aria-hidden": "true" },
    draw("g", { class: `series ${look.kind}` },
      draw("path", { d: "M1,7H27", "stroke-dasharray": look.dash }),
      draw("path", { class: "dot", d: SHAPES[look.shape](14, 7, 3.2) })));
}
