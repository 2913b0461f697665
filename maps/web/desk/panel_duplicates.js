// Issues that this one may repeat: how likely, and why.
import { button, el } from "./dom.js";
import { statusName } from "./marks.js";
import { addSection } from "./sections.js";
import { currentLanguage, say } from "./strings.js";
import { lengthText, metresText } from "./times.js";
/** @import { Desk, FullIssue, Suspect } from "./types.js" */

export function addDuplicates() {
  addSection({ id: "duplicates", order: 50, title: "duplicates", render: duplicates });
}

/** @param {FullIssue} issue @param {Desk} desk */
function duplicates({ duplicates: all }, desk) {
  if (!all.length) return null;
  return el("ul", { class: "suspects" }, ...all.map((one) => suspect(one, desk)));
}

/** @param {Suspect} one @param {Desk} desk */
function suspect(one, desk) {
  const facts = [
    ...one.reasons_told[currentLanguage()],
    one.distance_m === null ? "" : metresText(one.distance_m),
    one.apart_s === null ? "" : say("duplicates.apart", { time: lengthText(one.apart_s * 1000) }),
  ];
  return el("li", { "data-issue": one.number },
    el("p", {}, button(one.number, () => desk.select(one.number), { class: "link", "data-key": `suspect-${one.number}` }),
      " ", el("span", { class: "quiet" }, statusName(one.status)), " ", el("strong", {}, say("duplicates.score", { n: Math.round(one.score * 100) }))),
    el("p", { class: "quiet" }, facts.filter(Boolean).join(" · ")));
}
