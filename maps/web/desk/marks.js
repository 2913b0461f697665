// The mark of an issue: shape, colour and sign say whose turn it is, a ring and "!" that it is late.
// The map, the list and the legend draw the same paths.
import { svg } from "./dom.js";
import { term, say } from "./strings.js";
import { colours } from "./theme.js";

/** @typedef {"to_dispatch" | "unassigned" | "at_work" | "to_check" | "done"} Turn */

/** @type {Turn[]} */
export const TURNS = ["unassigned", "to_dispatch", "at_work", "to_check"];
export const WAITING = ["received", "returned", "reopened"];
export const AT_WORK = ["dispatched", "in_progress"];
export const TO_CHECK = ["handled", "verified"];
export const OPEN_STATES = [...WAITING, ...AT_WORK, ...TO_CHECK];

// In a box of 24 by 24.
/** @type {Record<Turn, string>} */
const SHAPES = {
  to_dispatch: "M12 4a8 8 0 1 1 0 16a8 8 0 1 1 0-16z",
  unassigned: "M12 2.6L21.4 12L12 21.4L2.6 12z",
  at_work: "M6.5 4.5h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-11a2 2 0 0 1-2-2v-11a2 2 0 0 1 2-2z",
  to_check: "M8 4h8l5 8l-5 8h-8l-5-8z",
  done: "M12 5a7 7 0 1 1 0 14a7 7 0 1 1 0-14z",
};
/** @type {Record<Turn | "late", string>} */
const SIGNS = {
  to_dispatch: "M12 9.6a2.4 2.4 0 1 1 0 4.8a2.4 2.4 0 1 1 0-4.8z",
  unassigned: "M9.4 9.7a2.7 2.5 0 1 1 4 2.3c-1 .6-1.4 1-1.4 1.9M12 16.2v.3",
  at_work: "M9.8 8.2l6 3.8l-6 3.8z",
  to_check: "M8.6 12.2l2.4 2.5l4.6-5",
  done: "M9 12.2l2.1 2.2l4-4.4",
  late: "M12 7.4v5.6M12 16.2v.4",
};
const STROKED = ["unassigned", "to_check", "done", "late"];

/**
 * Whose turn it is, as the service's `queue` says.
 * @param {string} status @param {boolean} hasOwner
 * @returns {Turn}
 */
export function turnOf(status, hasOwner) {
  if (WAITING.includes(status)) return hasOwner ? "to_dispatch" : "unassigned";
  if (AT_WORK.includes(status)) return "at_work";
  return TO_CHECK.includes(status) ? "to_check" : "done";
}

/** What a turn is called. @param {Turn} turn */
export function turnName(turn) {
  return say(`turn.${turn}`);
}

/** @param {string} status */
export function statusName(status) {
  return term(status);
}

/** The mark as a drawing beside text. @param {Turn} turn @param {boolean} late */
export function markIcon(turn, late) {
  const sign = late ? "late" : turn;
  const drawn = STROKED.includes(sign) ? "sign stroked" : "sign";
  return svg("0 0 24 24", [{ d: SHAPES[turn], class: "shape" }, { d: SIGNS[sign], class: drawn }], `mark mark-${turn}${late ? " late" : ""}`);
}

export const MARK_PX = 28; // of the picture on the map, with its ring

/**
 * The mark as a picture for the map.
 * @param {Turn} turn @param {boolean} late @param {number} ratio pixels of the screen in one of the page
 * @returns {ImageData}
 */
export function markImage(turn, late, ratio) {
  const all = colours();
  const size = Math.round(MARK_PX * ratio);
  const pen = newPen(size, size);
  pen.scale(size / 28, size / 28);
  pen.translate(2, 2);
  const shape = new Path2D(SHAPES[turn]);
  pen.lineJoin = pen.lineCap = "round";
  pen.strokeStyle = all.markEdge;
  pen.lineWidth = late ? 6.5 : 3;
  pen.stroke(shape);
  if (late) {
    pen.strokeStyle = all.late;
    pen.lineWidth = 4;
    pen.stroke(shape);
  }
  pen.fillStyle = late ? all.late : all.mark[turn];
  pen.fill(shape);
  if (late) {
    pen.strokeStyle = all.markEdge;
    pen.lineWidth = 1;
    pen.stroke(shape);
  }
  drawSign(pen, late ? "late" : turn, all.glyph);
  return pen.getImageData(0, 0, size, size);
}

/** @param {CanvasRenderingContext2D} pen @param {Turn | "late"} sign @param {string} colour */
function drawSign(pen, sign, colour) {
  const path = new Path2D(SIGNS[sign]);
  pen.fillStyle = pen.strokeStyle = colour;
  pen.lineWidth = 2.3;
  if (STROKED.includes(sign)) pen.stroke(path);
  else pen.fill(path);
}

export const CLUSTER_SIZES = [30, 36, 44, 52];
export const LATE_STEPS = 8;

/**
 * A disc for a cluster; the part of its ring that is coloured is the part of its issues that are late.
 * @param {number} px across @param {number} late eighths @param {number} ratio
 * @returns {ImageData}
 */
export function clusterImage(px, late, ratio) {
  const all = colours();
  const size = Math.round(px * ratio);
  const pen = newPen(size, size);
  pen.scale(size / px, size / px);
  const middle = px / 2;
  /** @param {number} radius */
  const disc = (radius) => {
    pen.beginPath();
    pen.arc(middle, middle, radius, 0, 2 * Math.PI);
  };
  disc(middle - 0.5);
  pen.fillStyle = all.markEdge;
  pen.fill();
  disc(middle - 3);
  pen.lineWidth = 3.5;
  pen.strokeStyle = all.ring;
  pen.stroke();
  if (late) {
    pen.beginPath();
    pen.arc(middle, middle, middle - 3, -Math.PI / 2, -Math.PI / 2 + (late / LATE_STEPS) * 2 * Math.PI);
    pen.strokeStyle = all.late;
    pen.stroke();
  }
  disc(middle - 5.5);
  pen.fillStyle = all.cluster;
  pen.fill();
  return pen.getImageData(0, 0, size, size);
}

/** @param {number} width @param {number} height */
function newPen(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
}
