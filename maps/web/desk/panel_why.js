// Why it is whose, as a person would explain it; asset, distance and the error of the position are drawn on the map.
import { el, fact } from "./dom.js";
import { drawSources } from "./panel_sources.js";
import { addSection } from "./sections.js";
import { currentLanguage, inLanguage, say, shareText, term } from "./strings.js";
import { metresText } from "./times.js";
import { drawWhy } from "./why_drawing.js";
/** @import { Desk, FullIssue, NamedOwner, Why, WhyAsset } from "./types.js" */

const LEAST = 0.005; // of a share: less is no runner-up

export function addWhy() {
  addSection({ id: "why", order: 40, title: "why", render: why });
}

/** @param {FullIssue} issue @param {Desk} desk */
function why(issue, desk) {
  const told = issue.why;
  desk.drawing.show([...drawWhy(issue), ...drawSources(issue)]);
  if (!told) return el("p", { class: "quiet" }, say("why.none"));
  return el("div", {},
    told.question ? el("p", { class: "question" }, el("strong", {}, say("why.ask")), " ", inLanguage(told.question)) : null,
    el("dl", { class: "facts" },
      ...fact(say("why.cells"), cellPath(told)),
      ...fact(say("why.asset"), told.asset ? assetText(told.asset) : ""),
      ...fact(say("why.rule"), told.owner ? el("code", {}, told.owner.rule ?? "—") : ""),
      ...fact(say("owner"), told.owner ? ownerText(told.owner, told.owner.share) : say("owner.none")),
      ...told.rivals.filter((rival) => (rival.share ?? 1) >= LEAST).flatMap((rival) => fact(say("why.rival"), ownerText(rival, rival.share) + (rival.rule ? ` · ${rival.rule}` : ""))),
      ...told.roles.filter((one) => one.role !== "lead").flatMap((one) => fact(term(one.role), ownerText(one, null))),
      ...(told.asset ? [] : told.candidates.slice(0, 3).flatMap((one) => fact(say("why.candidate"), assetText(one))))),
    el("details", { class: "story" }, el("summary", { "data-key": "story" }, say("why.story")),
      el("ol", {}, ...told.story[currentLanguage()].map((sentence) => el("li", {}, sentence)))));
}

/** @param {Why} told */
function cellPath(told) {
  return told.cells.map((cell) => cell.name || cell.code).join(" › ");
}

/** @param {WhyAsset} asset */
function assetText(asset) {
  const name = asset.name && asset.name !== asset.id ? `${asset.name} ` : "";
  const away = asset.distance_m === null ? "" : asset.distance_m > 0 ? say("why.away", { m: metresText(asset.distance_m) }) : say("why.on");
  return [`${inLanguage(asset.kind_name)} ${name}${asset.id}`, away].filter(Boolean).join(say("comma")) + shareText(asset.share);
}

/** @param {NamedOwner} owner @param {number | null} share */
function ownerText(owner, share) {
  const name = (currentLanguage() === "en" && owner.name_en) || owner.name || owner.id || say("owner.none");
  return name + shareText(share);
}
