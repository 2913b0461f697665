// What was reported: the words, the photos, when and how it came.
import { button, el } from "./dom.js";
import { sourcesOf } from "./panel_sources.js";
import { addSection } from "./sections.js";
import { say } from "./strings.js";
import { timeText } from "./times.js";
/** @import { Desk, FullIssue, Report } from "./types.js" */

export function addReports() {
  addSection({ id: "reports", order: 30, title: "reported", render: reports });
}

/** @param {FullIssue} issue @param {Desk} desk */
function reports({ reports: all }, desk) {
  return el("ol", { class: "reports" }, ...all.map((report) => one(report, desk)));
}

/** @param {Report} report @param {Desk} desk */
function one(report, desk) {
  const told = report.text !== undefined;
  const seen = report.occurred_at !== report.received_at ? say("report.seen", { at: timeText(report.occurred_at) }) : "";
  const reporter = [report.reporter, report.contact].filter(Boolean).join(" · ");
  return el("li", {},
    report.text ? el("blockquote", {}, report.text) : el("p", { class: "quiet" }, told ? say("report.noWords") : say("report.private")),
    report.photos?.length ? el("div", { class: "photos" }, ...report.photos.map(photo)) : null,
    sourcesOf(report, desk),
    el("p", { class: "quiet" }, [say("report.by", { channel: report.channel, at: timeText(report.received_at) }), seen].filter(Boolean).join(" ")),
    reporter ? el("p", { class: "quiet" }, say("report.reporter", { who: reporter })) : null);
}

/** @param {string} address @param {number} at */
function photo(address, at) {
  const label = say("photo", { n: at + 1 });
  const image = /** @type {HTMLImageElement} */ (el("img", { src: address, alt: label, loading: "lazy" }));
  image.addEventListener("error", () => image.replaceWith(el("span", { class: "quiet" }, say("photo.gone"))));
  const opener = button("", () => enlarge(address, label), { class: "photo", "data-key": `photo-${address}`, "aria-label": say("photo.open", { n: at + 1 }) });
  opener.append(image);
  return opener;
}

/** @param {string} address @param {string} label */
function enlarge(address, label) {
  const dialog = /** @type {HTMLDialogElement} */ (el("dialog", { class: "lightbox", "aria-label": label }));
  dialog.append(el("img", { src: address, alt: label }), el("form", { method: "dialog" }, el("button", { class: "primary" }, say("close"))));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
