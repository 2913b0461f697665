// What the city's codes are called.
import { get } from "./api.js";
import { inLanguage, say, term } from "./strings.js";
/** @import { Category, CityNames, Owner, Store } from "./types.js" */

/** Asks for all names of the city. @param {Store} store @returns {Promise<CityNames>} */
export async function loadNames(store) {
  const [said, owners] = await Promise.all([get("/v1/categories"), allOwners()]);
  /** @type {Category[]} */
  const categories = said.categories;
  const byCode = new Map(categories.map((one) => [one.code, one]));
  const byId = new Map(owners.map((one) => [one.id, one]));
  return {
    categories, owners,
    category: (code) => (code ? inLanguage(byCode.get(code)?.name, code) : say("category.none")),
    owner(id) {
      if (!id) return say("owner.none");
      const found = byId.get(id);
      return (store.state.lang === "en" && found?.name_en) || found?.name || id;
    },
    cellLevel(level) {
      const found = store.state.city?.levels.find((one) => one.level === level);
      return inLanguage(found?.name, term(level));
    },
  };
}

/** @returns {Promise<Owner[]>} */
async function allOwners() {
  const found = [];
  let cursor = "";
  do {
    const page = await get("/v1/owners", { query: new URLSearchParams({ limit: "1000", ...(cursor ? { cursor } : {}) }) });
    found.push(...page.owners);
    cursor = page.next ?? "";
  } while (cursor);
  return found;
}
