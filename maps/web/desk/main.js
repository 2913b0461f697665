// The page's start: who asks, which city, then every part in its order. A new part gets one line in PARTS.
import { get, problemWords } from "./api.js";
import { readAddress, startAddress } from "./address.js";
import { addActions, startActing } from "./act_section.js";
import { startBulk } from "./bulk_bar.js";
import { button, byId, el } from "./dom.js";
import { startCounts } from "./counts.js";
import { startFilters } from "./filters.js";
import { startHotspots } from "./hotspots.js";
import { startKeys } from "./keys.js";
import { startLegend } from "./legend.js";
import { startList } from "./list.js";
import { startListTools } from "./list_state.js";
import { makeLive } from "./live.js";
import { makeMap } from "./map.js";
import { startMapSelect } from "./map_select.js";
import { startMapTools } from "./map_tools.js";
import { loadNames } from "./names.js";
import { announceChanges, makeNotices, startConnection } from "./notices.js";
import { startOverlay } from "./overlay.js";
import { makeDrawing, startPanel } from "./panel.js";
import { addDuplicates } from "./panel_duplicates.js";
import { addHead } from "./panel_head.js";
import { addHistory } from "./panel_history.js";
import { addWhy } from "./panel_why.js";
import { addReports } from "./panel_reports.js";
import { startPrint } from "./print.js";
import { startNewIssue, startSearch } from "./search.js";
import { knowSession } from "./sign_in.js";
import { firstState, makeStore } from "./store.js";
import { say, setLanguage } from "./strings.js";
import { startTheme } from "./theme.js";
import { startTimeSlider } from "./time_slider.js";
import { setZone } from "./times.js";
import { startTools, translateFrame } from "./tools.js";
import { startViews } from "./views.js";
/** @import { City, Desk, Lang, Store } from "./types.js" */

/** What belongs to the panel, whatever their order here. */
const SECTIONS = [addHead, addActions, addReports, addWhy, addDuplicates, addHistory];
/** What is started once the desk stands. @type {((desk: Desk) => void)[]} */
const PARTS = [startMapSelect, startMapTools, startViews, startLegend, startFilters, startTimeSlider, startHotspots, startCounts, announceChanges, startPrint, startSearch, startNewIssue, startActing, startBulk];

/** @param {Store} store */
async function open(store) {
  await knowSession(store);
  const [city, tiles, names] = await Promise.all([/** @type {Promise<City>} */ (get("/v1/city")), get("/tiles/city.json"), loadNames(store)]);
  setZone(city.time_zone);
  store.set({ city });
  document.title = `${city.name} · ${say("title")}`;
  byId("title").textContent = city.name;
  const live = makeLive(store);
  /** @type {Desk} */
  const desk = /** @type {any} */ ({ store, live, names, notices: makeNotices(), map: makeMap(store, tiles) });
  desk.drawing = makeDrawing(() => desk);
  desk.select = (number) => store.set({ issue: number });
  for (const add of SECTIONS) add();
  desk.list = startList(desk);
  desk.panel = startPanel(desk);
  const overlay = startOverlay(desk);
  for (const start of PARTS) start(desk);
  live.onReset(() => {
    overlay.refresh();
    desk.list.reload();
    desk.panel.reload();
  });
  live.onGeneration(() => desk.notices.tell(say("generation.other"), { action: { label: say("reload"), run: () => location.reload() }, ms: 60_000 }));
  live.start();
  if (store.state.issue) desk.panel.reload();
  desk.list.reload();
  Object.assign(window, { desk }); // for who looks from the browser's console, and for tests
  document.body.dataset.ready = "true";
}

/** The reader's language: the address, what he chose here last, his browser's. @returns {Lang} */
function ownLanguage() {
  const kept = localStorage.getItem("woodpecker.lang");
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function start() {
  maplibregl.prewarm(); // its worker starts while the city is asked for
  const theme = /** @type {any} */ (localStorage.getItem("woodpecker.theme") ?? "auto");
  const store = makeStore({ ...firstState(), lang: ownLanguage(), theme, ...readAddress(location.search) });
  setLanguage(store.state.lang);
  store.watch(["lang"], ({ lang }) => {
    setLanguage(lang);
    translateFrame();
  });
  startTheme(store);
  startAddress(store);
  startKeys();
  startTools(store);
  startConnection(store);
  startListTools(store);
  translateFrame();
  window.setInterval(() => store.set({ minute: store.state.minute + 1 }), 60_000);
  open(store).catch((error) => {
    byId("list-state").hidden = false;
    byId("list-state").replaceChildren(el("p", { class: "fault", role: "alert" }, problemWords(error)), button(say("again"), () => location.reload()));
  });
}

start();
