// Who asks: known by a session or from this machine; everybody else shows an access key once.
import { get, onSignedOut, problemWords, send } from "./api.js";
import { byId, el } from "./dom.js";
import { say } from "./strings.js";
/** @import { Session, Store } from "./types.js" */

const MAY_LOOK = ["officer", "dispatcher", "planner", "admin"];

/** The session, after somebody has signed in. @param {Store} store @returns {Promise<Session>} */
export async function knowSession(store) {
  let session = /** @type {Session} */ (await get("/v1/session"));
  while (!session.role || !MAY_LOOK.includes(session.role)) {
    session = await askForKey(session.role ? say("signIn.notFor", { role: say(`role.${session.role}`) }) : "");
  }
  store.set({ session });
  onSignedOut(() => void again(store));
  return session;
}

let asking = false;

/** The session has ended while the page was open: it stays as it is and goes on afterwards. @param {Store} store */
async function again(store) {
  if (asking) return;
  store.set({ session: await askForKey(say("signIn.ended")) });
  location.reload();
}

/** @param {string} why @returns {Promise<Session>} */
function askForKey(why) {
  asking = true;
  const dialog = /** @type {HTMLDialogElement} */ (byId("sign-in"));
  const input = /** @type {HTMLInputElement} */ (
    el("input", { type: "password", id: "access-key", autocomplete: "current-password", required: true, spellcheck: "false", "aria-describedby": "sign-in-fault" })
  );
  const fault = el("p", { id: "sign-in-fault", class: "fault", role: "alert" }, why);
  const form = el("form", { method: "dialog" },
    el("h2", { id: "sign-in-title" }, say("signIn.title")), el("p", { class: "quiet" }, say("signIn.help")),
    el("label", { for: "access-key" }, say("signIn.key")), input, fault, el("button", { type: "submit", class: "primary" }, say("signIn.submit")));
  dialog.replaceChildren(form);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  if (!dialog.open) dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const session = await send("/v1/session", { key: input.value });
        dialog.close();
        asking = false;
        resolve(session);
      } catch (error) {
        fault.textContent = problemWords(error);
        input.select();
      }
    });
  });
}

/** @param {Store} store */
export async function signOut(store) {
  await send("/v1/session", undefined, "DELETE");
  store.set({ session: null });
  location.reload();
}
