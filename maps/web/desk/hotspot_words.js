// The words of the layer of hotspots.
export const HOTSPOT_WORDS = {
  zh: {
    "view.hotspots": "热点", hotspots: "热点", "hotspots.close": "关闭热点图层", "hotspots.baseline": "基数", "hotspots.days": "时段",
    "baseline.share": "占全部上报", "baseline.area": "面积", "baseline.population": "人口", "baseline.none": "不设（只看多少）",
    "days.0": "全部时间", "days.n": "近 {n} 天", "hotspots.busy": "正在检验，请稍候…", "hotspots.empty": "没有超出偶然的单元。", "hotspots.nothing": "没有可以检验的单元。",
    "hotspots.some": "{n} 个单元中，{hot} 个热点，{cold} 个冷点。", "hotspots.window": "{since} 至 {until}", "hotspots.category": "类别", "hotspots.all": "全部类别合计",
    "class.hot": "热点", "class.cold": "冷点", "class.new": "新热点", "class.not significant": "不显著", "class.excluded": "未检验", "class.rising": "上升", "class.falling": "下降",
    "hotspots.list": "突出的单元（{n}）", "hotspots.more": "另有 {n} 个，见地图。", "hotspots.notes": "说明", "hotspots.again": "重新检验",
    "spot.risk": "相对风险 {risk}", "spot.class": "结论", "spot.observed": "实际数", "spot.expected": "期望数", "spot.rr": "相对风险", "spot.q": "q 值", "spot.own": "本单元",
    "spot.ownText": "上报 {reports}，问题 {issues}", "spot.dominant": "主要类别", "spot.asset": "最多的部件", "spot.assetText": "{kind} {id}，{n} 件", "spot.new": "新热点", "spot.yes": "是", "spot.no": "否",
    "spot.change": "近期变化", "spot.trend": "趋势", "spot.neighbours": "实际数与期望数包括相邻单元。", "spot.back": "回到列表", "spot.close": "关闭单元",
  },
  en: {
    "view.hotspots": "Hotspots", hotspots: "Hotspots", "hotspots.close": "Close the layer of hotspots", "hotspots.baseline": "Held against", "hotspots.days": "Window",
    "baseline.share": "share of all reports", "baseline.area": "area", "baseline.population": "inhabitants", "baseline.none": "nothing (counts)",
    "days.0": "all times", "days.n": "last {n} days", "hotspots.busy": "Testing, please wait…", "hotspots.empty": "No cell stands out from chance.", "hotspots.nothing": "There is no cell to test.",
    "hotspots.some": "Of {n} cells {hot} are hot and {cold} cold.", "hotspots.window": "{since} to {until}", "hotspots.category": "Category", "hotspots.all": "All categories together",
    "class.hot": "Hot", "class.cold": "Cold", "class.new": "New hotspot", "class.not significant": "Not significant", "class.excluded": "Not tested", "class.rising": "rising", "class.falling": "falling",
    "hotspots.list": "Cells that stand out ({n})", "hotspots.more": "{n} more on the map.", "hotspots.notes": "Notes", "hotspots.again": "Test again",
    "spot.risk": "relative risk {risk}", "spot.class": "Class", "spot.observed": "Observed", "spot.expected": "Expected", "spot.rr": "Relative risk", "spot.q": "q", "spot.own": "The cell itself",
    "spot.ownText": "{reports} reports, {issues} issues", "spot.dominant": "Dominant category", "spot.asset": "Most frequent asset", "spot.assetText": "{kind} {id}, {n} issues", "spot.new": "New", "spot.yes": "yes", "spot.no": "no",
    "spot.change": "Lately", "spot.trend": "Trend", "spot.neighbours": "Observed and expected are of the cell and its neighbours.", "spot.back": "Back to the list", "spot.close": "Close the cell",
  },
};
