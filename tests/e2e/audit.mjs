// Checks that run inside a page: names for what can be operated, labels, landmarks, contrast as
// computed, and no sideways scrolling. They follow WCAG 2.1 AA where a program can decide it.
import assert from "node:assert/strict";

/** Runs in the page. Returns a list of sentences, one for each finding. */
function findProblems() {
  const findings = [];
  const visible = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.getClientRects().length > 0;
  const describe = (element) => {
    const text = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].map((name) => `.${name}`).join("");
    return `<${element.tagName.toLowerCase()}${id}${classes}> "${text}"`;
  };
  const textOf = (ids) =>
    ids
      .split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent ?? "")
      .join(" ")
      .trim();
  const nameOf = (element) => {
    const labelledby = element.getAttribute("aria-labelledby");
    if (labelledby) return textOf(labelledby);
    const label = element.getAttribute("aria-label");
    if (label?.trim()) return label.trim();
    if (element.labels?.length) return element.labels[0].textContent.trim();
    if (element.matches("input, select, textarea")) return element.title.trim();
    const clone = element.cloneNode(true);
    for (const hidden of clone.querySelectorAll('[aria-hidden="true"]')) hidden.remove();
    const images = [...clone.querySelectorAll("img[alt], svg[aria-label]")];
    const alt = images.map(
      (image) => image.getAttribute("alt") ?? image.getAttribute("aria-label"),
    );
    return [clone.textContent, ...alt].join(" ").trim() || element.title.trim();
  };

  const operable =
    'a[href], button, input:not([type="hidden"]), select, textarea, [role="button"], [role="tab"], ' +
    '[role="menuitem"], [role="menuitemradio"], [role="switch"], [role="option"], [tabindex="0"]';
  for (const element of document.querySelectorAll(operable)) {
    if (visible(element) && !nameOf(element)) findings.push(`no name: ${describe(element)}`);
    if (element.tabIndex > 0) findings.push(`tabindex above 0: ${describe(element)}`);
    if (
      element.querySelector("a[href], button, input, select, textarea") &&
      element.matches("a, button")
    ) {
      findings.push(`a control inside a control: ${describe(element)}`);
    }
  }
  for (const element of document.querySelectorAll("input, select, textarea")) {
    const labelled =
      element.labels?.length ||
      element.getAttribute("aria-label") ||
      element.getAttribute("aria-labelledby");
    if (visible(element) && !labelled)
      findings.push(`no label: ${describe(element)} ${element.name}`);
  }
  for (const image of document.querySelectorAll("img")) {
    if (!image.hasAttribute("alt")) findings.push(`no alt: ${image.src}`);
  }
  const ids = new Map();
  for (const element of document.querySelectorAll("[id]")) {
    ids.set(element.id, (ids.get(element.id) ?? 0) + 1);
  }
  for (const [id, count] of ids) if (count > 1) findings.push(`id used ${count} times: ${id}`);
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      for (const id of element.getAttribute(name).split(/\s+/)) {
        if (!document.getElementById(id))
          findings.push(`${name} to nothing (${id}): ${describe(element)}`);
      }
    }
  }
  if (!document.documentElement.lang) findings.push("no lang on <html>");
  if (!document.title) findings.push("no title");
  const headings = [...document.querySelectorAll("h1, h2, h3, h4")].filter(visible);
  if (headings.filter((heading) => heading.tagName === "H1").length !== 1) {
    findings.push(`not one h1 but ${headings.filter((h) => h.tagName === "H1").length}`);
  }
  headings.forEach((heading, index) => {
    const before = index === 0 ? 0 : Number(headings[index - 1].tagName[1]);
    if (Number(heading.tagName[1]) > before + 1)
      findings.push(`heading level skipped: ${describe(heading)}`);
  });
  if (document.querySelectorAll("main").length !== 1) findings.push("not one <main>");
  for (const header of document.querySelectorAll("th")) {
    if (!header.textContent.trim() && !header.getAttribute("aria-label")) {
      findings.push("a table header without text");
    }
  }

  // Contrast of every visible text with what is painted behind it.
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const backgroundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color.a > 0) layers.push(color);
      if (color.a === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), { r: 255, g: 255, b: 255, a: 1 });
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement)
      opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || seen.has(element) || !visible(element)) continue;
    seen.add(element);
    if (element.closest(":disabled, [aria-disabled='true'], [aria-busy='true'], .visually-hidden"))
      continue;
    const style = getComputedStyle(element);
    const behind = backgroundOf(element);
    const ink = rgba(style.color);
    const shown = over({ ...ink, a: ink.a * opacityOf(element) }, behind);
    const [light, dark] = [luminance(shown), luminance(behind)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const needed = large ? 3 : 4.5;
    if (ratio < needed - 0.01) {
      findings.push(`contrast ${ratio.toFixed(2)} below ${needed}: ${describe(element)}`);
    }
  }
  return findings;
}

/** Fails with a list of what a person using a screen reader, a keyboard or weak eyes would trip over. */
export async function auditAccessibility(page, where) {
  const findings = await page.evaluate(findProblems);
  assert.deepEqual(findings, [], `accessibility of ${where}`);
}

/** Fails when the page scrolls sideways, naming what sticks out. */
export async function assertNoOverflow(page, where) {
  const outside = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const scrolls = (element) => {
      for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
        if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(at).overflowX))
          return true;
      }
      return false;
    };
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element))
      .slice(0, 5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`)
      .concat(`scrollWidth ${document.documentElement.scrollWidth} > ${width}`);
  });
  assert.deepEqual(outside, [], `sideways overflow on ${where}`);
}
