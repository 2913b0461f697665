// Every word of the page that does not come from the city, in each language.

export const STRINGS = {
  zh: {
    language: "语言", zh: "中文", en: "English", skipTable: "跳到列表", skipMap: "跳到地图",
    map: "地图", mapHelp: "用方向键移动，用加号和减号缩放。同样的内容在下面的列表里。",
    zoomIn: "放大", zoomOut: "缩小", wholeCity: "看全部", close: "关闭", filters: "筛选",
    status: "状态", category: "类别", owner: "责任单位", all: "全部", none: "（无）", search: "查找",
    chosen: "已选 {n} 项", more: "另有 {n} 项，请用查找缩小范围。", noOption: "没有匹配的选项。", reset: "清除筛选",
    summary: "共 {all} 件，显示 {shown} 件。", unplaced: "其中 {n} 件没有位置，只在列表里。",
    leftOut: "另有 {n} 件较早的未显示，请在网址中缩小范围。",
    noReports: "还没有任何上报。", noneListed: "这里没有逐件列出上报。", noMatch: "没有符合筛选条件的上报。", noGrid: "没有网格：地图上不显示网格。", noMap: "还没有可以显示的内容：没有网格，没有部件，也没有上报。",
    legend: "图例和图层", perCell: "各网格的上报数", noCells: "不显示网格", perLevel: "按{level}统计",
    reports: "上报", reportsOnMap: "显示上报点", open: "未办结", closed: "已办结", unowned: "没有责任单位",
    cluster: "多件合并，数字为件数", zero: "0 件", breaks: "分级：各级网格数大致相等；随筛选变化。",
    outsideCells: "{n} 件不在任何{level}内。", noneInCells: "当前没有上报落在网格里。",
    layers: "部件", areas: "责任区", thinned: "显示 {n} / {m} 个", zoomToSee: "放大后显示",
    table: "上报列表", tableHelp: "点列标题排序；“地图”一列跳到地图上的位置。", sortBy: "按{column}排序",
    number: "序号", text: "内容", occurred: "时间", due: "时限", overdue: "{at}（已超时）", cell: "网格", asset: "部件", why: "依据", onMap: "地图",
    show: "定位：在地图上看第 {n} 件", showShort: "定位", noPlace: "无位置", page: "第 {n} / {m} 页", rows: "每页行数",
    first: "第一页", previous: "上一页", next: "下一页", last: "最后一页", range: "第 {from}–{to} 件，共 {n} 件",
    report: "第 {n} 件上报", numbered: "案件 {n}", reportOf: "此处第 {n} / {m} 件", back: "回到列表", rule: "规则", certainty: "把握",
    share: "（{share}%）", runnerUp: "其次", ask: "可以问", metres: "{m} 米", inCell: "{n} 件上报", here: "此处", ownerIs: "责任单位",
    generated: "生成于 {at}", unknown: "未知", certain: "确定", likely: "很可能", ambiguous: "不确定",
  },
  en: {
    language: "Language", zh: "中文", en: "English", skipTable: "Skip to the list", skipMap: "Skip to the map",
    map: "Map", mapHelp: "Arrow keys move the map, plus and minus zoom. The list below holds the same.",
    zoomIn: "Zoom in", zoomOut: "Zoom out", wholeCity: "Whole city", close: "Close", filters: "Filters",
    status: "Status", category: "Category", owner: "Owner", all: "all", none: "(none)", search: "Find",
    chosen: "{n} chosen", more: "{n} more; narrow the search.", noOption: "No option matches.", reset: "Clear filters",
    summary: "{all} reports, {shown} shown. ", unplaced: "{n} of them have no place and are in the list only.",
    leftOut: "{n} older ones are not shown: ask for fewer in the address.",
    noReports: "There are no reports yet.", noneListed: "The reports are not listed here.", noMatch: "No report matches the filters.",
    noGrid: "There is no grid: the map shows no cells.",
    noMap: "There is nothing to draw yet: no grid, no assets and no reports.",
    legend: "Legend and layers", perCell: "Reports per cell", noCells: "No cells", perLevel: "Per {level}",
    reports: "Reports", reportsOnMap: "Show reports as points", open: "Open", closed: "Closed", unowned: "No owner",
    cluster: "Several reports, and how many", zero: "0", breaks: "Classes hold about equally many cells and follow the filters.",
    outsideCells: "{n} in no {level}.", noneInCells: "No report lies in a cell at present.",
    layers: "Assets", areas: "Areas", thinned: "showing {n} of {m}", zoomToSee: "zoom in to see",
    table: "List of reports", tableHelp: "Column headings sort; the Map column jumps to the place on the map.",
    sortBy: "Sort by {column}",
    number: "No.", text: "Text", occurred: "When", due: "Due", overdue: "{at} (overdue)", cell: "Cell", asset: "Asset", why: "Why", onMap: "Map",
    show: "Show report {n} on the map", showShort: "Show", noPlace: "No place", page: "Page {n} of {m}", rows: "Rows per page",
    first: "First page", previous: "Previous", next: "Next", last: "Last page", range: "{from}–{to} of {n}",
    report: "Report {n}", numbered: "Issue {n}", reportOf: "{n} of {m} here", back: "Back to the list", rule: "Rule", certainty: "Certainty",
    share: " ({share} %)", runnerUp: "Runner-up", ask: "To ask", metres: "{m} m", inCell: "{n} reports", here: "What lies here", ownerIs: "Owner",
    generated: "Generated {at}", unknown: "unknown", certain: "certain", likely: "likely", ambiguous: "ambiguous",
  },
};

// Names of kinds, levels and states that cities usually have; others are shown as the city wrote them.
let terms = {};

export function setTerms(known) {
  terms = known;
}

let language = "zh";

export function setLanguage(lang) {
  language = lang;
}

export function currentLanguage() {
  return language;
}

// Rows are called reports, or issues: in both languages it is one word for the other.
const ISSUE = { zh: [["上报", "案件"]], en: [["report", "issue"], ["Report", "Issue"]] };
let called = { zh: [], en: [] };

export function callIssues() {
  called = ISSUE;
}

// The UI text of that key, its {placeholders} filled.
export function say(key, facts = {}) {
  return fill(called[language].reduce((text, [one, other]) => text.replaceAll(one, other), STRINGS[language][key]), facts);
}

export function fill(template, facts) {
  return template.replace(/\{(\w+)\}/g, (_, name) => String(facts[name] ?? "—"));
}

export function term(word) {
  const known = Object.hasOwn(terms, word) ? terms[word] : null;
  return known ? known[language === "zh" ? 0 : 1] : String(word);
}

// What a certainty is called; a word that is none is shown as it is.
export function certaintyName(word) {
  return ["certain", "likely", "ambiguous"].includes(word) ? say(word) : String(word);
}

export function grouped(number) {
  return number.toLocaleString(language === "zh" ? "zh-CN" : "en-GB");
}
