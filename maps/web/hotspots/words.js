// The words of the report of hotspots, beside those of the issue map.
import { readableTime } from "../page/data.js";
import { currentLanguage, say, STRINGS, term } from "../page/strings.js";

Object.assign(STRINGS.zh, {
  wholeExtent: "全部范围", hotspots: "热点", clusters: "扫描聚集区", density: "密度", showLayer: "显示", charts: "图表",
  pictureNote: "示意图，不是检验", pictureWhy: "平滑后的分布只供参考：颜色深不等于超出偶然。",
  allCategories: "全部类别合计", nothing: "没有可以检验的单元。",
  found: "{n} 个单元中，{hot} 个是热点。", foundCold: "{n} 个单元中，{hot} 个是热点，{cold} 个是冷点。",
  foundColdOnly: "{n} 个单元中没有热点，{cold} 个是冷点。", foundNone: "{n} 个单元中，没有一个超出偶然。",
  strongest: "最突出的是 {cell}：相对风险 {risk}，{q}。", strongestNoRisk: "最突出的是 {cell}，{q}。",
  newOnes: "其中 {n} 个是新出现的。", excludedOnes: "{n} 个单元没有基数或被排除，未检验。",
  likeliest: "最可能的聚集区：{n} 个单元，实际 {observed} 件、期望 {expected} 件，相对风险 {risk}，{p}。",
  hot: "热点", cold: "冷点", "not significant": "不显著", excluded: "未检验", isNew: "新热点", newMark: "新",
  rising: "上升", falling: "下降", unchanged: "无变化", studied: "研究范围",
  ofCategory: "{category}：", categoryHot: "{category}（{n} 个热点）", thinnedCells: "单元太多：不显著的只画出范围。",
  neighbourNote: "实际数与期望数包括相邻单元。",
  observed: "实际数", expected: "期望数", excess: "超出", risk: "相对风险", q: "q 值", dominant: "主要类别", topAsset: "最多的部件",
  conclusion: "结论", stability: "平移稳定度", stabilityText: "{n}% 的平移网格结论相同", rank: "排名", own: "本单元", ownCounts: "上报 {reports}", ownIssues: "问题 {n}", ownPeople: "上报人 {n}", change: "变化", trend: "趋势", recently: "近期",
  issuesThere: "{n} 件", newSpot: "是否新热点", yes: "是", no: "否", cellsIn: "单元数", radius: "半径", category: "类别",
  hotspotList: "热点与冷点", hotspotListHelp: "点列标题排序；点单元名在地图上定位。按相对风险下限从高到低。", noHotspots: "没有单元超出偶然：表中没有可列的内容。",
  moreRows: "再显示一些", listRange: "显示 {n} / {m} 个", showCell: "在地图上看 {cell}",
  forest: "相对风险与区间", forestHelp: "区间下限最高的热点；虚线为 1，即与全市相同。", forestLabel: "{n} 个热点的相对风险与区间，最高的是 {cell}：{risk}。表中有同样的数字。",
  dumbbell: "实际与期望", dumbbellHelp: "● 实际数　○ 期望数", dumbbellLabel: "{n} 个热点的实际数与期望数。表中有同样的数字。", noChart: "没有热点可画。",
  key: "图例", hotspotsOnMap: "显示热点", strongestOnes: "最突出的单元（{n}）", how: "怎样得出的", cell: "单元", clusterNumber: "聚集区 {n}", notSure: "虚线：p ≥ 0.05，可能是偶然", perKm2: "每平方千米 {n} 件以上", noDensity: "没有可画的密度。", noClusters: "没有找到聚集区。", metresAway: "{m} 米",
});
Object.assign(STRINGS.en, {
  wholeExtent: "Whole map", hotspots: "Hotspots", clusters: "Scan clusters", density: "Density", showLayer: "Show", charts: "Charts",
  pictureNote: "A picture, not a test", pictureWhy: "A smoothed surface, to look at only: dark does not mean more than chance.",
  allCategories: "All categories together", nothing: "There is no cell to test.",
  found: "{hot} of {n} cells stand out as hot.", foundCold: "{hot} of {n} cells stand out as hot, {cold} as cold.",
  foundColdOnly: "None of {n} cells stands out as hot, {cold} as cold.", foundNone: "None of {n} cells stands out from chance.",
  strongest: "Strongest: {cell}, relative risk {risk}, {q}.", strongestNoRisk: "Strongest: {cell}, {q}.",
  newOnes: "{n} of them new.", excludedOnes: "{n} cells have no baseline or are left out, and were not tested.",
  likeliest: "Likeliest cluster: {n} cells, {observed} observed where {expected} were expected, relative risk {risk}, {p}.",
  hot: "Hot", cold: "Cold", "not significant": "Not significant", excluded: "Not tested", isNew: "New hotspot", newMark: "New",
  rising: "rising", falling: "falling", unchanged: "unchanged", studied: "Area of study",
  ofCategory: "{category}: ", categoryHot: "{category} ({n} hot)", thinnedCells: "Too many cells: those that do not stand out are one outline.",
  neighbourNote: "Observed and expected are of a cell and its neighbours.",
  observed: "Observed", expected: "Expected", excess: "Excess", risk: "Relative risk", q: "q", dominant: "Dominant category", topAsset: "Most frequent asset",
  conclusion: "Class", stability: "Stability", stabilityText: "{n} % of moved grids say the same", rank: "Rank", own: "The cell itself", ownCounts: "{reports} reports", ownIssues: "{n} issues", ownPeople: "{n} people", change: "Change", trend: "Trend", recently: "Lately",
  issuesThere: "{n} issues", newSpot: "New", yes: "yes", no: "no", cellsIn: "Cells", radius: "Radius", category: "Category",
  hotspotList: "Hot and cold spots", hotspotListHelp: "Column headings sort; a cell's name shows it on the map. Highest lower limit of the relative risk first.", noHotspots: "No cell stands out from chance: there is nothing to list.",
  moreRows: "Show more", listRange: "{n} of {m}", showCell: "Show {cell} on the map",
  forest: "Relative risk and interval", forestHelp: "The hot cells with the highest lower limits; the dashed line is 1: as in the whole city.", forestLabel: "Relative risk with intervals of {n} hot cells; the highest is {cell}: {risk}. The table has the same numbers.",
  dumbbell: "Observed and expected", dumbbellHelp: "● observed  ○ expected", dumbbellLabel: "Observed and expected of {n} hot cells. The table has the same numbers.", noChart: "There are no hot cells to draw.",
  key: "Legend", hotspotsOnMap: "Show hotspots", strongestOnes: "Strongest cells ({n})", how: "How this was found", cell: "Cell", clusterNumber: "Cluster {n}", notSure: "Dashed: p ≥ 0.05, may be chance", perKm2: "{n} and more per km²", noDensity: "There is no density to draw.", noClusters: "No cluster was found.", metresAway: "{m} m",
});

// Names of the parameters that analyses state, and of values of theirs; others are shown as they were written.
const PARAMETERS = {
  city: ["城市", "City"], generation: ["版本", "Generation"], generation_sha256: ["版本摘要", "Its SHA-256"], metric_crs: ["平面坐标系", "Metric CRS"],
  counted_in: ["统计单元", "Counted in"], parts: ["单元数", "Parts"], categories: ["类别代码", "Category codes"], category_names: ["类别", "Categories"],
  baseline: ["基数", "Baseline"], baseline_asked: ["所问基数", "Baseline asked for"], since: ["自", "Since"], until: ["至", "Until"], until_before: ["止于（不含）", "Before"],
  channels: ["渠道", "Channels"], counting: ["计数对象", "Counted once each"], reports: ["上报数", "Reports"], issues: ["问题数", "Issues"], alpha: ["显著性水平 α", "Alpha"],
  family: ["检验总数", "Tests"], correction: ["多重检验校正", "Correction"], null: ["偶然的模型", "Chance is"], dispersion: ["离散程度", "Dispersion"],
  neighbours: ["邻近", "Neighbours"], scan: ["圆形扫描", "Circular scan"], recent_since: ["近期自", "Lately is since"], recent_days: ["近期天数", "Days of lately"], trend_steps: ["趋势步长", "Steps of the trend"],
};
const VALUES = {
  "*": ["全部", "all"], none: ["无", "none"], share: ["占全部上报的比例", "share of all reports"], population: ["人口", "inhabitants"], area: ["面积", "area"],
  reporters: ["上报人", "people"], reports: ["每件上报", "every report"], issues: ["问题", "problems"], convolution: ["卷积", "convolution"], binomial: ["二项分布", "binomial"],
  poisson: ["泊松分布", "Poisson"], "negative binomial": ["负二项分布", "negative binomial"], "quasi-binomial": ["准二项分布", "quasi-binomial"],
};

export function parameterName(name) {
  const known = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name] : null;
  return known ? inLanguage(known) : term(name);
}

export function parameterValue(value) {
  return Object.hasOwn(VALUES, value) ? inLanguage(VALUES[value]) : readableTime(value);
}

// The one of a pair (Chinese, English) that is read now.
export function inLanguage([zh, en]) {
  return (currentLanguage() === "zh" ? zh : en) || zh || en || "";
}

const CLASS_WORDS = ["hot", "cold", "not significant", "excluded", "rising", "falling", "unchanged"];

// What a class is called; a word that is none is shown as it is.
export function className(word) {
  return CLASS_WORDS.includes(word) ? say(word) : term(word);
}
