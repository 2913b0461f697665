// Light or dark, and the colours of what is drawn on the map; those of the page around it are in base.css.
/** @import { Store } from "./types.js" */

// Okabe and Ito's colours, which every eye can tell apart; darker or lighter where the ground asks for it.
const LIGHT = {
  dark: false, land: "#f3f1ec", water: "#c3d9e6", waterEdge: "#a5c4d6", green: "#dde7d2", building: "#e4e0d8", buildingEdge: "#d6d1c6",
  road: "#ffffff", roadEdge: "#d3cfc6", roadName: "#5f6368", waterName: "#41708f", cell: "#8d877b", cellName: "#5b564c", halo: "#f7f5f1",
  kinds: ["#9a6a00", "#8a4f9e", "#2f7d6b", "#4a6fa5", "#7a6f2a", "#5c6b2f"], asset: "#6b7280", assetName: "#4b5563", ink: "#1f2428",
  mark: { to_dispatch: "#0072b2", unassigned: "#a8447d", at_work: "#b36b00", to_check: "#007a5a", done: "#6b7280" },
  late: "#c1440e", markEdge: "#ffffff", glyph: "#ffffff", cluster: "#33475b", clusterInk: "#ffffff", ring: "#8fa3b5",
  selected: "#111111", drawn: "#111111", heat: ["rgba(0,114,178,0)", "#56b4e9", "#009e73", "#f0e442", "#e69f00", "#d55e00"],
  classes: ["#fff3cd", "#fdd889", "#f3a94f", "#d8752b", "#9c4511"], zero: "#ffffff",
  hot: "#d55e00", hotEdge: "#7a3500", cold: "#0072b2", coldEdge: "#003d5f",
};
/** @type {typeof LIGHT} */
const DARK = {
  dark: true, land: "#16191c", water: "#1b3340", waterEdge: "#274858", green: "#1b2a20", building: "#23272b", buildingEdge: "#2e3338",
  road: "#343a41", roadEdge: "#1d2125", roadName: "#a3a9b0", waterName: "#7fb0cc", cell: "#747a80", cellName: "#b9bdc1", halo: "#14171a",
  kinds: ["#e6b84a", "#c79bd6", "#6fc7b1", "#8fb2e0", "#d99b78", "#b5c47a"], asset: "#8b949e", assetName: "#aab2bb", ink: "#e9e7e3",
  mark: { to_dispatch: "#56b4e9", unassigned: "#e79fc6", at_work: "#f0b441", to_check: "#3fcf9f", done: "#9aa3ac" },
  late: "#ff8a4c", markEdge: "#14171a", glyph: "#0d1013", cluster: "#c3d2e0", clusterInk: "#14202b", ring: "#5c6f81",
  selected: "#ffffff", drawn: "#ffffff", heat: ["rgba(86,180,233,0)", "#0072b2", "#009e73", "#f0e442", "#e69f00", "#ff7f3f"],
  classes: ["#3a3222", "#66491f", "#976420", "#cd8a33", "#f8cb7d"], zero: "#1d2125",
  hot: "#e67e3c", hotEdge: "#ffd2b0", cold: "#3f9bd1", coldEdge: "#c8e6f7",
};

/** @typedef {typeof LIGHT} Colours */

const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
const printed = window.matchMedia("print");
let chosen = "auto";

/** @returns {Colours} */
export function colours() {
  return isDark() && !printing ? DARK : LIGHT;
}

let printing = false;

/** Paper is light. @param {boolean} on */
export function setPrinting(on) {
  printing = on;
  apply();
}

function isDark() {
  return chosen === "dark" || (chosen === "auto" && prefersDark.matches);
}

/** @type {Set<() => void>} */
const watchers = new Set();

/** @param {() => void} run when the colours of the map become others */
export function onColours(run) {
  watchers.add(run);
}

function apply() {
  document.documentElement.dataset.theme = isDark() && !printing ? "dark" : "light";
  for (const run of watchers) run();
}

/** @param {Store} store */
export function startTheme(store) {
  const follow = () => {
    chosen = store.state.theme;
    apply();
  };
  store.watch(["theme"], follow);
  prefersDark.addEventListener("change", apply);
  printed.addEventListener("change", () => setPrinting(printed.matches));
  follow();
}
