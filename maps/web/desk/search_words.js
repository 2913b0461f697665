// The words of the search box and of new issues.
/** @import { Lang } from "./types.js" */

/** @type {Record<Lang, Record<string, string>>} */
export const SEARCH_WORDS = {
  zh: {
    "search.label": "查找地点、网格、设施、案件编号或坐标", "search.hint": "地点、来电原文、设施、编号、坐标…",
    "search.none": "没有找到“{q}”。", "search.some": "{n} 个结果", "search.new": "在此新建案件", "search.filter": "只看此网格",
    "keys.search": "查找", "keys.new": "新建案件",
    "words.by": "按文字定位", "words.hint": "如：人民西路与外环西路路口，18号对面", "words.find": "定位", "words.looking": "正在查找…", "words.none": "没有找到“{text}”所指的地点。",
    "words.which": "是哪一处？", "words.whole": "只知道在这一带：请在图上确认位置。",
    "new.open": "新建案件", "new.title": "新建案件", "new.words": "来电内容", "new.wordsHint": "例如：虹桥北村门口路灯不亮",
    "new.category": "类别", "new.noCategory": "未知", "new.place": "位置",
    "new.placeHint": "点击地图、在上方查找，或只写地点。", "new.placeAt": "{lng}，{lat}", "new.fromWords": "按文字中的地点",
    "new.clearPlace": "清除位置", "new.centre": "用地图中心", "new.accuracy": "位置误差（米）", "new.reporter": "来电人", "new.contact": "联系方式",
    "new.save": "保存", "new.saving": "正在保存…", "new.saved": "已建立 {number}。", "new.joined": "已并入 {number}。",
    "new.again": "已有同样的上报：{number}。", "new.join": "归入此案件", "new.joining": "将归入 {number}，不另建案件。", "new.notJoin": "仍然另建",
    "new.nowhere": "尚无位置：可以保存，案件将等待定位。", "new.noOwner": "尚无责任单位", "new.question": "请问来电人：{question}",
    "new.duplicates": "可能重复", "new.checking": "正在查找归属…", "new.keep": "内容还没有保存。再按一次“关闭”将放弃。",
  },
  en: {
    "search.label": "Find a place, cell, asset, issue number or coordinates", "search.hint": "Place, complaint, asset, number, coordinates…",
    "search.none": "Nothing found for “{q}”.", "search.some": "{n} results", "search.new": "New issue here", "search.filter": "Only this cell",
    "keys.search": "Find", "keys.new": "New issue",
    "words.by": "Place by words", "words.hint": "such as 人民西路与外环西路路口", "words.find": "Locate", "words.looking": "Looking …", "words.none": "“{text}” names no place that is known here.",
    "words.which": "Which one is it?", "words.whole": "Only the whole of it is known: check the place on the map.",
    "new.open": "New issue", "new.title": "New issue", "new.words": "What the caller says", "new.wordsHint": "such as: street light out at the gate of 虹桥北村",
    "new.category": "Category", "new.noCategory": "not known", "new.place": "Place",
    "new.placeHint": "Click the map, find it above, or write it in the words.", "new.placeAt": "{lng}, {lat}", "new.fromWords": "from the words",
    "new.clearPlace": "Clear the place", "new.centre": "Take the middle of the map", "new.accuracy": "Off by up to (m)", "new.reporter": "Caller", "new.contact": "Contact",
    "new.save": "Save", "new.saving": "Saving …", "new.saved": "Opened {number}.", "new.joined": "Added to {number}.",
    "new.again": "That report is already here: {number}.", "new.join": "Add to this issue", "new.joining": "It will be added to {number}; no new issue.", "new.notJoin": "Open a new one after all",
    "new.nowhere": "No place yet: it can be saved, and waits to be located.", "new.noOwner": "No owner yet", "new.question": "Ask the caller: {question}",
    "new.duplicates": "Perhaps the same", "new.checking": "Looking whose it is …", "new.keep": "Nothing is saved yet. Press Close again to discard it.",
  },
};
