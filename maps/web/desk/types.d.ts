// What the modules of the page hand to one another. JSDoc imports it: /** @import { Desk } from "./types.js" */
import type * as Library from "maplibre-gl";

declare global {
  const maplibregl: typeof Library;
}

export type Lang = "zh" | "en";
export type Theme = "auto" | "light" | "dark";
export type ViewName = "clusters" | "heat" | "cells" | "assets";
export type Names = { zh: string; en: string };
export type Box = [west: number, south: number, east: number, north: number];

export interface Filters {
  status: string[];
  category: string[];
  owner: string[];
  cell: string[];
  certainty: string[];
  flag: string[];
  claimed: string[];
  late: string; // "", "over", "soon", "in_time"
  text: string;
  age: number; // hours that an issue is at least old; 0 is any
  hours: number; // length of the window of the time slider; 0 is none
  ago: number; // hours ago that the window ends
}

export interface State {
  // in the address
  issue: string; // number or id of the one that is open; "" is none
  view: ViewName;
  level: string; // of the cells that are coloured
  sort: string;
  desc: boolean;
  scope: "view" | "all"; // whether the list holds what the map shows, or all
  hotspots: string; // what they are held against; "" is not shown
  hotspotDays: number; // how far back; 0 is all times
  hotspot: string; // code of the cell that is told of
  filters: Filters;
  camera: { lng: number; lat: number; zoom: number } | null;
  lang: Lang;
  theme: Theme;
  // not in the address
  session: Session | null;
  city: City | null;
  bounds: Box | null; // what the map shows
  version: number; // the greatest change that the page has heard of
  total: number | null; // of the list
  connection: "connecting" | "live" | "lost";
  minute: number; // goes up every minute: times and limits are told anew
}

export interface Session { name: string | null; role: string | null; cells: string[] }
export interface Counted { level?: string; kind?: string; name: Names; count: number }
export interface City {
  name: string; languages: Lang[]; time_zone: string; bbox: Box | null; open_issues: number;
  levels: Counted[]; areas: Counted[]; assets: Counted[]; generation: { id: string; sha256: string };
}
export interface Category { code: string; name: Names; class: Names | null; limit_h: number | null }
export interface Owner { id: string; name: string; name_en?: string }

export interface IssueFeature {
  type: "Feature"; id: string; geometry: GeoJSON.Geometry | null; properties: IssueProperties;
}
export interface IssueProperties {
  number: string; status: string; queue: string | null; category: string | null; category_name: Names | null;
  cell_code: string | null; cell_name: string | null; cell_path: string | null;
  owner_id: string | null; owner_name: string | null; asset_kind: string | null; asset_id: string | null;
  certainty: string | null; owner_share: number | null; flags: string[]; merged_into: string | null;
  report_count: number; claimed_by: string | null; claimed_until: string | null; version: number; seq: number;
  created_at: string; updated_at: string; due_at: string | null; overdue: boolean;
}
export interface Report {
  id: string; channel: string; received_at: string; occurred_at: string; lng: number | null; lat: number | null;
  datum: string; accuracy_m: number | null; category: string; text?: string; photos?: string[];
  reporter?: string; contact?: string; sources?: Source[];
}
/** What else a report says of its place; `agrees` is not said where there was nothing to compare with. */
export interface Source {
  source: "declared" | "photo" | "text"; label?: string; match?: string; lng: number | null; lat: number | null;
  radius_m?: number; accuracy_m?: number | null; distance_m?: number; agrees?: boolean;
}
export interface IssueEvent {
  seq: number; at: string; actor: string; kind: string; name: Names; reason: string; undone: boolean;
  before: Record<string, any>; after: Record<string, any>;
}
export interface Suspect {
  id: string; number: string; score: number; reasons: string[]; distance_m: number | null; apart_s: number | null;
  reasons_told: Record<Lang, string[]>; status: string; category_name: Names | null; owner_name: string | null;
  lng: number | null; lat: number | null; created_at: string; report_count: number;
}
export interface NamedOwner { id: string | null; name: string | null; name_en: string | null }
export interface Rival extends NamedOwner { share: number | null; rule: string | null }
export interface WhyAsset {
  kind: string; id: string; name: string | null; kind_name: Names; distance_m: number | null; share: number | null;
  geometry: GeoJSON.Geometry | null; nearest: [number, number] | null;
}
/** Why an issue is whose: layers/why.py. */
export interface Why {
  story: Record<Lang, string[]>; cells: { code: string; name: string | null; level: string | null }[];
  topology: string; certainty: string; lng: number | null; lat: number | null;
  radius_68_m: number | null; radius_95_m: number | null; bound: string | null;
  asset: WhyAsset | null; candidates: WhyAsset[]; owner: Rival | null; rivals: Rival[];
  roles: (NamedOwner & { role: string; rule: string })[]; question: Names | null; generation: string;
}
/** What an action takes and needs: api/issue_answers.py. */
export interface ActionForm {
  action: string; name: Names; needs: string[]; takes: string[]; leads_to: string; undoes: any;
}
export interface FullIssue extends IssueFeature {
  reports: Report[]; events: IssueEvent[]; duplicates: Suspect[]; actions: string[]; may: ActionForm[];
  assignment: Record<string, any> | null; why: Why | null; proof: Record<string, any> | null;
  proposed_owner: NamedOwner | null;
}

export interface Change { feature: IssueFeature; action: string; actor: string; gone: boolean }

export interface Store {
  readonly state: Readonly<State>;
  set(patch: Partial<State>): void;
  watch(keys: (keyof State)[], run: (state: Readonly<State>) => void): () => void;
}

/** A piece of the panel of the open issue; see sections.js. */
export interface Section {
  id: string;
  order: number; // 10 head, 20 actions (free), 30 words and photo, 40 why, 50 duplicates, 60 history
  title?: string; // a key of the words; without it there is no heading
  render(issue: FullIssue, desk: Desk): Node | null;
}

export interface Shortcut {
  key: string; // as KeyboardEvent.key has it, in small letters; "/" and "?" as they are
  help: string; // a key of the words, shown by ?
  when?: () => boolean;
  run: (event: KeyboardEvent) => void;
}

/** What every part gets: `start(desk)`. */
export interface Desk {
  store: Store;
  map: Library.Map;
  list: { next(step: number): void; reload(): void; focus(): void; rowsKnown(): IssueFeature[] };
  panel: { reload(): void; close(): void; issue(): FullIssue | null };
  live: { onChange(run: (change: Change) => void): void; onReset(run: () => void): void; merge(feature: IssueFeature): void };
  notices: { tell(text: string, options?: NoticeOptions): void; announce(text: string): void };
  drawing: { show(features: GeoJSON.Feature[]): void; clear(): void };
  names: CityNames;
  select(number: string, options?: { focus?: boolean }): void;
}
export interface NoticeOptions {
  kind?: "info" | "error"; action?: { label: string; run: () => void }; ms?: number;
}
export interface CityNames {
  category(code: string | null): string;
  owner(id: string | null): string;
  cellLevel(level: string): string;
  categories: Category[];
  owners: Owner[];
}
