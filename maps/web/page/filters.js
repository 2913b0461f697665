// Which reports are shown: one set of chosen values per facet, and the counts beside each value.

export const FACETS = ["status", "category", "owner", "certainty"];

// A facet knows its distinct values and the number of each row's value.
export function makeFacet(reports, valueOf) {
  const numbers = new Map();
  const values = [];
  const codes = new Int32Array(reports.count);
  for (let row = 0; row < reports.count; row++) {
    const value = valueOf(row) ?? "";
    if (!numbers.has(value)) numbers.set(value, values.push(value) - 1);
    codes[row] = numbers.get(value);
  }
  return { values, codes, chosen: new Set(), counts: new Int32Array(values.length) };
}

export function makeFilters(reports) {
  const column = reports.column;
  const facets = {
    status: makeFacet(reports, column("status")),
    category: makeFacet(reports, column("category")),
    owner: makeFacet(reports, (row) => column("owner_name")(row) ?? column("owner_id")(row)),
    certainty: makeFacet(reports, column("certainty")),
  };
  return { facets, rows: [], count: reports.count };
}

// Fills `rows` with what passes every facet; each facet's counts answer to the other facets only.
export function applyFilters(filters) {
  const facets = FACETS.map((name) => filters.facets[name]);
  for (const facet of facets) facet.counts.fill(0);
  filters.rows = [];
  for (let row = 0; row < filters.count; row++) {
    const missed = facets.filter((facet) => facet.chosen.size && !facet.chosen.has(facet.codes[row]));
    if (!missed.length) {
      filters.rows.push(row);
      for (const facet of facets) facet.counts[facet.codes[row]]++;
    } else if (missed.length === 1) {
      missed[0].counts[missed[0].codes[row]]++;
    }
  }
  return filters.rows;
}

export function clearFilters(filters) {
  for (const name of FACETS) filters.facets[name].chosen.clear();
}
