// terms.js is made by maps/desk_page.py from the words of layers/terms.py and layers/life_cycle.py.
export const TERMS: Record<string, [string, string]>;
export const ACTIONS: Record<string, [string, string]>;
