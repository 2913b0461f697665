// The words of the page of changes, beside those of the issue map; kinds of change come with the data.
import { STRINGS } from "../page/strings.js";

Object.assign(STRINGS.zh, {
  changes: "变化列表", allChanges: "看全部变化", layer: "图层", change: "变化", code: "编码", name: "名称",
  before: "原", after: "新", size: "大小", showChange: "定位", moreRows: "再显示一些", words: "规则与设置",
  changeRange: "显示 {n} / {m} 条", versions: "草稿与现行版本 {live} 对比", nothingLive: "尚未发布任何版本：一切都算新增",
  noDifference: "没有差别。", section: "部分", key: "条目", noWords: "没有变化。", drawnOf: "图上 {n} / {m}",
  showOnMap: "在地图上看 {what}",
});
Object.assign(STRINGS.en, {
  changes: "List of changes", allChanges: "All changes", layer: "Layer", change: "Change", code: "Code", name: "Name",
  before: "Before", after: "After", size: "Size", showChange: "Show", moreRows: "Show more", words: "Rules and settings",
  changeRange: "{n} of {m}", versions: "The draft against live generation {live}", nothingLive: "Nothing was published yet: everything counts as added",
  noDifference: "No differences.", section: "Part", key: "Entry", noWords: "Nothing changed.", drawnOf: "{n} of {m} drawn",
  showOnMap: "Show {what} on the map",
});
