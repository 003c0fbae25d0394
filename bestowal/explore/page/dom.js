// @ts-check
// Elements, and how numbers are said. The wording follows bestowal/report/number_format.py.

/** An element: h("p", {class: "soft", onclick: f}, "text", child, …). null children are left out. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same in SVG. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Puts text where it is another, so that nothing is told twice to a screen reader. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

export function share(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const hundred = 100 * value;
  const whole = (hundred >= 10 && hundred <= 90) || hundred === 0 || hundred === 100;
  return `${whole ? hundred.toFixed(0) : hundred.toFixed(1)}\u00a0%`;
}

export function points(value) {
  const shown = (100 * value).toFixed(1);
  if (Number(shown) === 0) return "0.0";
  return (value > 0 ? "+" : "−") + shown.replace("-", "");
}

/** A quantity to three significant digits. */
export function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Math.abs(value) < 1e-9) return "0";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en").replace("-", "−");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

export function plural(count, word) {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
}

export function bytesInWords(bytes) {
  for (const { size, unit } of [
    { size: 1e9, unit: "GB" },
    { size: 1e6, unit: "MB" },
    { size: 1e3, unit: "kB" },
  ])
    if (bytes >= size) return `${number(bytes / size)}\u00a0${unit}`;
  return `${bytes}\u00a0bytes`;
}

/** "pay_link" → "Pay link". */
export function inWords(name) {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

export function upperFirst(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : text;
}

export const WITHOUT_MOTION = window.matchMedia("(prefers-reduced-motion: reduce)");
export const DARK = window.matchMedia("(prefers-color-scheme: dark)");

/** The colours of the style sheet as they are now, by name. */
export function coloursOf(element) {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}
