// The map of a unit or of one turf: our own GeoJSON and nothing from outside.
"use strict";
(() => {
  const box = document.getElementById("map");
  if (!box || !window.maplibregl) return;
  const say = box.dataset;
  maplibregl.setWorkerUrl(say.worker);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const palette = ["#1f7a8c", "#c4472f", "#6a4c93", "#3d8b4f", "#b5791b", "#2f5fb3", "#a63d6c", "#5b7f1c", "#7a5230", "#0f8a7a"];
  const colour = ["case", ["<", ["get", "t"], 0], "#8a8a8a", ["match", ["%", ["max", ["get", "t"], 0], palette.length], ...palette.flatMap((paint, index) => [index, paint]), "#8a8a8a"]];
  const nothing = { type: "FeatureCollection", features: [] };
  let map;
  try {
    map = new maplibregl.Map({
      container: box,
      center: [Number(say.longitude), Number(say.latitude)],
      zoom: 14,
      attributionControl: false,
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#efeadd" } }] },
    });
  } catch {
    box.textContent = "WebGL"; // no WebGL on this machine; the tables hold the same facts
    return;
  }
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 120 }), "bottom-left");

  const get = (url) => (url ? fetch(url, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : nothing)) : Promise.resolve(nothing));
  const box_of = (data, only = () => true) => {
    const bounds = new maplibregl.LngLatBounds();
    const walk = (part) => (typeof part[0] === "number" ? bounds.extend(part) : part.forEach(walk));
    data.features.filter(only).forEach((feature) => walk(feature.geometry.coordinates));
    return bounds;
  };
  const fit = (bounds) => bounds.isEmpty() || map.fitBounds(bounds, { padding: 32, maxZoom: 18, animate: false });

  const element = (tag, text, klass) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (klass) made.className = klass;
    return made;
  };

  // Names of streets as HTML, because glyph files would be one more thing to serve.
  let labels = [];
  const label_streets = (streets) => {
    labels.forEach((marker) => marker.remove());
    labels = [];
    const zoom = map.getZoom(), view = map.getBounds(), seen = new Set(), taken = [];
    for (const street of streets.features) {
      const { name, kind } = street.properties;
      if (!name || seen.has(name) || zoom < (kind === "street" ? 15 : 17)) continue;
      const line = street.geometry.type === "LineString" ? street.geometry.coordinates : street.geometry.coordinates.flat(street.geometry.type === "MultiLineString" ? 1 : 0);
      const spots = line.filter((spot) => Array.isArray(spot) && view.contains(spot));
      if (!spots.length) continue;
      const spot = spots[Math.floor(spots.length / 2)], at = map.project(spot);
      if (taken.some((other) => Math.abs(other.x - at.x) < 90 && Math.abs(other.y - at.y) < 18)) continue;
      taken.push(at);
      seen.add(name);
      labels.push(new maplibregl.Marker({ element: element("span", name, "street-label") }).setLngLat(spot).addTo(map));
      if (labels.length >= 40) break;
    }
  };

  let routes = nothing;
  const choose = (turf) => {
    if (!map.getLayer("route")) return;
    map.setFilter("route", ["==", ["get", "turf"], turf]);
    map.setFilter("route-casing", ["==", ["get", "turf"], turf]);
    if (map.getLayer("doors")) map.setPaintProperty("doors", "circle-opacity", ["case", ["==", ["get", "turf"], turf], 1, 0.35]);
    const place = document.getElementById("chosen");
    const found = routes.features.find((feature) => feature.properties.turf === turf);
    if (!place || !found) return;
    const facts = found.properties, link = element("a", say.sayOpen, "button");
    link.href = facts.url;
    const card = element("div", "", "card");
    card.append(element("h3", `${say.sayTurf} ${facts.t + 1}`), element("p", `${facts.doors} ${say.sayDoors} · ${facts.minutes} ${say.sayMinutes}`), link);
    place.replaceChildren(card);
  };

  map.on("load", async () => {
    const [boundary, streets, doors, lines, turf] = await Promise.all([say.boundary, say.streets, say.doors, say.routes, say.turf].map(get));
    routes = lines;
    const add = (id, data, ...layers) => {
      map.addSource(id, { type: "geojson", data });
      layers.forEach((layer) => map.addLayer({ source: id, ...layer }));
    };
    const width = (least, most) => ["interpolate", ["exponential", 1.6], ["zoom"], 13, least, 19, most];
    const round = { "line-cap": "round", "line-join": "round" };
    const main = ["==", ["get", "kind"], "street"];
    add("boundary", boundary,
      { id: "inside", type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#f8f5ec" } },
      { id: "edge", type: "line", layout: round, paint: { "line-color": "#0f4c4a", "line-width": ["case", ["get", "own"], 2, 1], "line-dasharray": [3, 2] } });
    add("streets", streets,
      { id: "alleys", type: "line", filter: ["!", main], layout: round, paint: { "line-color": "#cfc6b0", "line-width": width(0.7, 5) } },
      { id: "streets-casing", type: "line", filter: main, layout: round, paint: { "line-color": "#bdb296", "line-width": width(1.8, 15) } },
      { id: "streets", type: "line", filter: main, layout: round, paint: { "line-color": "#fff", "line-width": width(1, 12) } });
    const whole = say.turf ? turf : lines;
    const only = say.turf ? ["==", ["geometry-type"], "LineString"] : ["==", ["get", "turf"], -1];
    add("routes", whole,
      { id: "route-casing", type: "line", filter: only, layout: round, paint: { "line-color": "#fff", "line-width": 6 } },
      { id: "route", type: "line", filter: only, layout: round, paint: { "line-color": colour, "line-width": 3 } });
    const points = say.turf ? { ...turf, features: turf.features.filter((feature) => feature.geometry.type === "Point") } : doors;
    add("doors", points, { id: "doors", type: "circle", paint: { "circle-color": colour, "circle-radius": width(1.6, 7), "circle-stroke-color": "#fff", "circle-stroke-width": width(0, 1.5) } });
    const here = box_of(say.turf ? turf : boundary, say.turf ? undefined : (feature) => feature.properties.own);
    fit(here.isEmpty() ? box_of(doors.features.length ? doors : streets) : here);
    if (say.turf) number_stops(points);
    label_streets(streets);
    map.on("moveend", () => label_streets(streets));
    map.on("click", "doors", (event) => choose(event.features[0].properties.turf));
    map.on("mouseenter", "doors", () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", "doors", () => { map.getCanvas().style.cursor = ""; });
    map.once("idle", () => { box.dataset.ready = "yes"; });
  });

  // Every door's number would hide the street; households at one door share the first number.
  const number_stops = (points) => {
    const first = new Map();
    for (const { geometry, properties } of points.features) {
      const key = geometry.coordinates.join();
      if (!first.has(key)) first.set(key, { at: geometry.coordinates, n: properties.n });
    }
    const all = [...first.values()], step = Math.max(1, Math.ceil(all.length / 40));
    all.forEach((spot, index) => {
      if (index % step === 0 || index === all.length - 1) new maplibregl.Marker({ element: element("span", String(spot.n), "stop-label") }).setLngLat(spot.at).addTo(map);
    });
  };

  let flag;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fly]");
    if (!button) return;
    const at = button.dataset.fly.split(",").map(Number);
    flag?.remove();
    flag = new maplibregl.Marker({ color: "#b03a24" }).setLngLat(at).addTo(map);
    map.flyTo({ center: at, zoom: 17.5, animate: !calm });
    if (button.dataset.turf) choose(Number(button.dataset.turf));
    box.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
  });
})();
