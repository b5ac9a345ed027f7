// What every script of a page begins with: its data, elements, and how things are called.

const data = JSON.parse(document.getElementById("data").textContent);
const find = (selector, root = document) => root.querySelector(selector);
const findAll = (selector, root = document) => Array.from(root.querySelectorAll(selector));

/** An element with attributes (those that start with "on" are listeners) and children; text never becomes markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const percent = (share) => {
  if (share === null) return "–";
  if (share === 0 || Math.abs(share) === 1) return String(100 * share).replace("-", "−");
  return (100 * Math.min(Math.max(share, 0.001), 0.999)).toFixed(1);
};

const nameOf = (panel) => data.panels[panel].title ? `${data.panels[panel].title}: ${data.panels[panel].name}` : data.panels[panel].name;
const isMixture = (panel) => data.panels.filter(({ title }) => title === panel.title).length > 1;
const between = (low, high) => low === null || low === undefined ? "" : ` (${percent(low)}–${percent(high)})`;

// No link to what a run has nothing for: the scripts that follow show the sections that they fill.
addEventListener("DOMContentLoaded", () => {
  for (const link of findAll('nav.sections a[href^="#"]')) link.hidden = find(link.hash)?.hidden ?? true;
});
