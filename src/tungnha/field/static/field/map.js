// The walk on its streets: a drawing the server made (metres from its corner), as SVG. No tiles, no library.

/** @param {string} tag @param {Record<string, any>} given @param {...Node} children */
function svg(tag, given, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/** @param {number[][]} points */
const line = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${x} ${y}`).join("");

/**
 * @param {import("./entries.js").Walk} walk
 * @param {(door: any) => string} look the door's class: "done", "again", "next" or ""
 * @param {(door: any) => void} chosen
 * @param {string} label what the drawing is, for those who do not see it
 */
export function draw(walk, look, chosen, label) {
  const { width, height, streets, names, route, doors } = walk.map;
  const size = Math.max(width, height) / 55;
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label });
  drawing.append(svg("path", { class: "street", d: streets.map(line).join("") }));
  if (route.length) drawing.append(svg("path", { class: "route", d: line(route) }));
  for (const [name, x, y, angle] of names) {
    const text = svg("text", { class: "name", x, y, transform: `rotate(${angle} ${x} ${y})`, "font-size": size });
    text.textContent = name;
    drawing.append(text);
  }
  const at = new Map(doors.map(([number, x, y]) => [number, [x, y]]));
  for (const door of walk.doors) {
    const place = at.get(door.n);
    if (!place) continue;
    const number = svg("text", { x: place[0], y: place[1], "font-size": size * 0.9 });
    number.textContent = String(door.n);
    const mark = svg(
      "g",
      { class: `door ${look(door)}`, tabindex: 0, role: "button", "aria-label": `${door.n}. ${door.address}` },
      svg("circle", { cx: place[0], cy: place[1], r: size }),
      number,
    );
    mark.addEventListener("click", () => chosen(door));
    mark.addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), chosen(door)));
    drawing.append(mark);
  }
  return drawing;
}
