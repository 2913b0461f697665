// A button and the box that it opens; Escape, a press elsewhere and the focus leaving close it.
import { button, el } from "./dom.js";

/**
 * @param {{ id: string, boxId: string, label: string, opened: (box: HTMLElement) => void | Promise<void> }} popover
 * @returns {{ root: HTMLElement, opener: HTMLButtonElement, box: HTMLElement, close: (focus?: boolean) => void }}
 */
export function makePopover({ id, boxId, label, opened }) {
  const opener = button("", () => (box.hidden ? open() : close()), { id, class: "chip", "aria-expanded": "false", "aria-controls": boxId });
  const box = el("div", { id: boxId, class: "menu", role: "group", "aria-label": label, hidden: true });
  const root = el("div", { class: "menu-root" }, opener, box);

  async function open() {
    box.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    opener.dataset.menuOpen = "true";
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", escape, true);
    await opened(box);
    box.style.marginLeft = "";
    const over = box.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    if (over > 0) box.style.marginLeft = `${-over}px`;
  }

  function close(focus = true) {
    if (box.hidden) return;
    box.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    delete opener.dataset.menuOpen;
    document.removeEventListener("pointerdown", away);
    document.removeEventListener("keydown", escape, true);
    if (focus) opener.focus();
  }

  /** @param {PointerEvent} event */
  function away(event) {
    if (!root.contains(/** @type {Node} */ (event.target))) close(false);
  }

  /** @param {KeyboardEvent} event */
  function escape(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    close();
  }

  root.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !root.contains(/** @type {Node} */ (event.relatedTarget))) close(false);
  });
  return { root, opener, box, close };
}
