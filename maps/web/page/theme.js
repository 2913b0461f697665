// Colours of what is drawn on the map, for light and dark; the page around it has its own in page.css.

// Sequential yellow to brown (ColorBrewer YlOrBr): lightness alone orders it, so every eye can read it.
const LIGHT = {
  zero: "#fafaf7", classes: ["#fff0c2", "#fbd48a", "#f2ae58", "#d98232", "#a8561a"], cellOpacity: 0.82,
  cellEdge: "#b9b5aa", upperEdge: "#6f6a5f", road: "#ffffff", roadCasing: "#a9adb2", dotEdge: "#ffffff",
  kinds: { water: "#9cc4de", road: "#ffffff", building: "#ddd8ce", bridge: "#7d8794", lamp: "#c9930a", green: "#c4dcb8" },
  edges: { water: "#7fafcf", building: "#c4bdb0", green: "#a9c79a" },
  others: ["#5b7a99", "#8a6d9c", "#5d8a7a", "#96735a", "#7a7f3f", "#9a5f74"],
};

const DARK = {
  zero: "#2e3236", classes: ["#3f3421", "#66481f", "#94631f", "#c98a35", "#f5c877"], cellOpacity: 0.85,
  cellEdge: "#4a4d50", upperEdge: "#a09a8c", road: "#6d747c", roadCasing: "#1d2023", dotEdge: "#1d2023",
  kinds: { water: "#2f5873", road: "#6d747c", building: "#45433f", bridge: "#a3adb8", lamp: "#e5b93c", green: "#3a5138" },
  edges: { water: "#41728f", building: "#5a5751", green: "#4d6a49" },
  others: ["#8fb0d0", "#b79bc9", "#86b8a6", "#c7a184", "#b0b568", "#cc8fa5"],
};

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const print = window.matchMedia("print");

export function theme() {
  return dark.matches && !print.matches ? DARK : LIGHT;
}

export function onThemeChange(changed) {
  dark.addEventListener("change", changed);
  print.addEventListener("change", changed);
}
