// @ts-check
// The interactive timeline of report.html: what can be reckoned without a page, tested in Node.
//
// `lanes.rs` puts this file, `lanes_draw.js` and `lanes_view.js` one after another into the page:
// one classic script without libraries, named by its hash in the page's policy. It decides nothing
// but pixels: what there is to see comes packed from `lanes.rs`.
"use strict";

/** @typedef {{from: number[], long: number[], kind: number[], label: number[], place: number[], again: number[]}} PackedRow */
/** @typedef {{name: string, note: string, verdicts: string, server: string, id: string, sick: boolean, rows: PackedRow[]}} PackedLane */
/** @typedef {{name: string, plain: string, letter: string, shape: string}} Verdict */
/** @typedef {{from: number, to: number, offsets: Offset[], states: string[], worst: number[], verdicts: Verdict[], symbols: string[], legend: [string, number, string][], files: string[], labels: string[], place_file: number[], place_line: number[], lanes: PackedLane[], words: Record<string, string>, months: string[]}} Packed */
/** @typedef {{forms: string[][], texts: string[], form: number[], text: number[], thread: number[], tick: number[], head: number[], tail: number[]}} PackedTexts */
/** A sub-lane by time; `reach` is the latest end so far, so that a range is found by halving.
 * @typedef {{count: number, from: Float64Array, to: Float64Array, open: Uint8Array, kind: Uint8Array, label: Int32Array, place: Int32Array, again: Int32Array, reach: Float64Array}} Row */
/** @typedef {{name: string, note: string, verdicts: string, server: string, id: string, sick: boolean, rows: Row[]}} Lane */
/** From when on the clock was ahead by how many minutes; three numbers where no offset is stated.
 * @typedef {[number, number, number?]} Offset */
/** @typedef {{from: number, to: number}} Range */
/** @typedef {{lane: number, row: number, item: number}} Item */
/** @typedef {{lane: number, verdict: number, kind: number, text: string}} Filter */
/** Which items match: `null` is all of a row. @typedef {{rows: (Uint8Array | null)[], count: number}} Matches */

/** The sub-lanes, in the order of the data; addresses and words name them so. */
const ROWS = ["verdict", "state", "download", "window", "snapshot", "disk", "status", "error", "gone"];
const [VERDICT, STATE, DOWNLOAD, WINDOW, SNAPSHOT, DISK, STATUS, ERROR, GONE] = ROWS.keys();
/** The order in which the arrow keys go through a lane: as it is drawn, from top to bottom. */
const WALK = [VERDICT, WINDOW, STATE, GONE, DOWNLOAD, SNAPSHOT, DISK, STATUS, ERROR];
/** Sights from the most to the least telling: where several share a place, the first is drawn. */
const TELLING = ["MetadataMissing", "FilesMissing", "Error", "SnapshotCaptured", "SnapshotTold", "StatusCaptured", "FolderListed", "FilesThere"];

/** How bad an attempt of a download ended: completed, failed, not known. */
const BAD_ENDS = [0, 2, 1];

const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
/** Nothing in the evidence is told apart below this. */
const CLOSEST = 2 * SECOND;

/** Ascending numbers from their differences.
 * @param {number[]} packed */
function sums(packed) {
  const out = new Float64Array(packed.length);
  let sum = 0;
  for (let at = 0; at < packed.length; at++) out[at] = sum += packed[at];
  return out;
}

/** @param {PackedRow} packed @returns {Row} */
function unpackRow(packed) {
  const from = sums(packed.from), count = from.length;
  const to = new Float64Array(count), open = new Uint8Array(count), reach = new Float64Array(count);
  let latest = -Infinity;
  for (let at = 0; at < count; at++) {
    open[at] = packed.long[at] < 0 ? 1 : 0;
    to[at] = from[at] + Math.max(packed.long[at], 0);
    reach[at] = latest = Math.max(latest, to[at]);
  }
  const place = Int32Array.from(sums(packed.place), (one) => one - 1);
  const again = packed.again.length ? Int32Array.from(packed.again) : new Int32Array(count).fill(-1);
  return { count, from, to, open, kind: Uint8Array.from(packed.kind), label: Int32Array.from(packed.label), place, again, reach };
}

/** File and line of every cited place; lines count anew in each file.
 * @param {number[]} files @param {number[]} lines */
function unpackPlaces(files, lines) {
  const file = sums(files), line = new Float64Array(lines.length);
  for (let at = 0; at < lines.length; at++) line[at] = lines[at] + (at > 0 && file[at] === file[at - 1] ? line[at - 1] : 0);
  return { file, line };
}

/** The raw text at each place, put together from what many share; the times come in parts.
 * @param {PackedTexts} packed @param {string[][]} parts @returns {string[]} */
function unpackTexts(packed, parts) {
  const times = parts.flat();
  const ticks = sums(packed.tick);
  let own = 0, time = "";
  return packed.text.map((number, at) => {
    const text = packed.texts[number];
    if (packed.form[at] === 0) return text;
    const [before, middle, between, end] = packed.forms[packed.form[at] - 1], one = own++;
    time = time.slice(0, packed.head[one]) + times[one] + time.slice(time.length - packed.tail[one]);
    return `${before}${time}${middle}${packed.thread[one]}${between}${ticks[one]}${end}\n${text}`;
  });
}

/** The first number in `0..count` for which `found` holds; it must hold for all after it.
 * @param {number} count @param {(at: number) => boolean} found */
function first(count, found) {
  let low = 0, high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (found(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** From where to where (not included) a row has items that can touch `from..to`.
 * @param {Row} row @param {number} from @param {number} to @returns {[number, number]} */
function visible(row, from, to) {
  return [first(row.count, (at) => row.reach[at] >= from), first(row.count, (at) => row.from[at] > to)];
}

/** On each of `width` pixels the item that is worst by `bad`, or -1; an item, however short, takes
 * at least one pixel, so that one bad hour in a month is seen.
 * @param {Row} row @param {ArrayLike<number>} bad @param {Range} view @param {number} width @param {Uint8Array | null} only */
function worstPerPixel(row, bad, view, width, only) {
  const pixels = new Int32Array(width).fill(-1);
  if (view.to <= view.from || width < 1) return pixels;
  const scale = width / (view.to - view.from);
  const [begin, end] = visible(row, view.from, view.to);
  for (let at = begin; at < end; at++) {
    if (row.to[at] < view.from || (only && !only[at])) continue;
    const left = Math.min(Math.floor((Math.max(row.from[at], view.from) - view.from) * scale), width - 1);
    const right = Math.min(Math.max(Math.floor((Math.min(row.to[at], view.to) - view.from) * scale), left + 1), width);
    const mine = bad[row.kind[at]];
    for (let pixel = left; pixel < right; pixel++) {
      const shown = pixels[pixel];
      if (shown < 0 || bad[row.kind[shown]] < mine) pixels[pixel] = at;
    }
  }
  return pixels;
}

/** Neighbouring pixels of one kind: `[kind, left, right]`.
 * @param {Int32Array} pixels @param {ArrayLike<number>} kinds @returns {[number, number, number][]} */
function runs(pixels, kinds) {
  /** @type {[number, number, number][]} */
  const out = [];
  for (let at = 0; at < pixels.length; at++) {
    if (pixels[at] < 0) continue;
    const kind = kinds[pixels[at]], last = out[out.length - 1];
    if (last && last[0] === kind && last[2] === at) last[2] = at + 1;
    else out.push([kind, at, at + 1]);
  }
  return out;
}

/** One item for each `apart` pixels: the worst by `bad` (ties: the earliest), with how many it stands for.
 * @param {Row} row @param {(at: number) => number} bad @param {Range} view @param {number} width @param {number} apart @param {Uint8Array | null} only
 * @returns {{item: number, x: number, count: number}[]} */
function thinned(row, bad, view, width, apart, only) {
  /** @type {{item: number, x: number, count: number}[]} */
  const out = [];
  const scale = width / (view.to - view.from);
  const [begin, end] = visible(row, view.from - apart / scale, view.to + apart / scale);
  for (let at = begin; at < end; at++) {
    if (only && !only[at]) continue;
    const x = (row.from[at] - view.from) * scale, last = out[out.length - 1];
    if (last && Math.abs(x - last.x) < apart) {
      last.count++;
      if (bad(at) > bad(last.item)) last.item = at;
    } else out.push({ item: at, x, count: 1 });
  }
  return out;
}

/** Marks closer than `apart` become one: that of the verdict most of them share.
 * @param {number[]} xs ascending @param {number[]} verdicts @param {number} apart
 * @returns {{x: number, first: number, verdict: number, count: number, mixed: boolean}[]} */
function cluster(xs, verdicts, apart) {
  const out = [];
  for (let begin = 0; begin < xs.length; ) {
    let end = begin;
    /** @type {Map<number, number>} */
    const times = new Map();
    for (; end < xs.length && (end === begin || xs[end] - xs[begin] < apart); end++) times.set(verdicts[end], (times.get(verdicts[end]) || 0) + 1);
    const [verdict, most] = [...times].sort((one, two) => two[1] - one[1] || one[0] - two[0])[0];
    out.push({ x: xs[begin], first: begin, verdict, count: end - begin, mixed: most < end - begin });
    begin = end;
  }
  return out;
}

/** Minutes east of UTC of the server's clock at an instant.
 * @param {Offset[]} offsets @param {number} at */
function minutesAt(offsets, at) {
  const later = first(offsets.length, (one) => offsets[one][0] > at);
  return offsets.length ? offsets[Math.max(later - 1, 0)][1] : 0;
}

/** What the server's clock showed, as a date whose UTC parts are that clock's.
 * @param {Offset[]} offsets @param {number} at */
function local(offsets, at) {
  return new Date(at + Math.round(minutesAt(offsets, at) * MINUTE));
}

/** `2026-11-02T03:00:05+01:00`; without an offset if the zone is unknown.
 * @param {Offset[]} offsets @param {number} at */
function iso(offsets, at) {
  const text = local(offsets, at).toISOString().replace(/\.000Z$|Z$/, "");
  const minutes = minutesAt(offsets, at), size = Math.abs(minutes);
  /** @param {number} number */
  const two = (number) => String(number).padStart(2, "0");
  // A clock that was wrong by seconds has no offset that could be written.
  const stated = offsets.length > 0 && offsets[0].length < 3 && Number.isInteger(minutes);
  return stated ? `${text}${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}` : text;
}

/** The instant of [`iso`]; NaN for anything else. Without an offset, the server's clock is meant.
 * @param {Offset[]} offsets @param {string} text */
function parseIso(offsets, text) {
  const found = /^([+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (!found) return NaN;
  const clock = Date.parse(`${found[1]}Z`);
  return found[2] ? Date.parse(text) : clock - Math.round(minutesAt(offsets, clock) * MINUTE);
}

/** `2 November 2026, 03:00:05`.
 * @param {Offset[]} offsets @param {number} at @param {string[]} months */
function readable(offsets, at, months) {
  const date = local(offsets, at);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${clockOf(date)}`;
}

/** `03:00:05`, with a fraction only if there is one. @param {Date} date */
function clockOf(date) {
  return date.toISOString().replace(/^.*T/, "").replace(/\.000Z$|Z$/, "");
}

/** `9 min 36 s`: the two largest parts. @param {number} long */
function length(long) {
  /** @type {[number, string][]} */
  const units = [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [SECOND, "s"]];
  const parts = [];
  for (const [size, unit] of units) {
    const number = Math.floor(long / size);
    if (number > 0) parts.push(`${number} ${unit}`);
    long -= number * size;
    if (parts.length === 2 || (parts.length === 1 && number === 0)) break;
  }
  return parts.join(" ") || `${long} ms`;
}

/** Labelled places at round times of the server's clock, at most about `most`. Days are ISO dates.
 * @param {Range} view @param {Offset[]} offsets @param {number} most
 * @returns {{at: number, label: string, midnight: boolean}[]} */
function ticks(view, offsets, most) {
  const range = view.to - view.from;
  if (!(range > 0)) return [];
  const steps = [1, 2, 5, 10, 50, 100, 500, SECOND, 5 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 20 * DAY, 50 * DAY, 100 * DAY, 365 * DAY];
  const step = steps.find((one) => range / one <= most) || (Math.floor(range / most / DAY) + 1) * DAY;
  const out = [];
  const zones = offsets.length ? [...new Set(offsets.map((one) => one[1]))] : [0];
  for (const minutes of zones) {
    const shift = Math.round(minutes * MINUTE);
    for (let clock = Math.ceil((view.from + shift) / step) * step; clock - shift <= view.to; clock += step) {
      const at = clock - shift;
      // Where the offset changes, each side has its own round times.
      if (minutesAt(offsets, at) !== minutes) continue;
      const date = new Date(clock), midnight = ((clock % DAY) + DAY) % DAY === 0;
      const label = midnight ? date.toISOString().replace(/T.*$/, "") : step < SECOND ? clockOf(date) : clockOf(date).slice(0, step < MINUTE ? 8 : 5);
      out.push({ at, label, midnight });
    }
  }
  return out.sort((one, two) => one.at - two.at);
}

/** The view inside the axis, never closer than a glance can use.
 * @param {Range} view @param {Range} axis @returns {Range} */
function inside(view, axis) {
  const most = axis.to - axis.from;
  const long = Math.min(Math.max(view.to - view.from, Math.min(CLOSEST, most)), most);
  const middle = (view.from + view.to) / 2;
  const from = Math.min(Math.max(middle - long / 2, axis.from), axis.to - long);
  return { from: Math.round(from), to: Math.round(from + long) };
}

/** Zoomed by `factor` (above 1: closer) so that `at` keeps its place.
 * @param {Range} view @param {number} factor @param {number} at @param {Range} axis */
function zoomed(view, factor, at, axis) {
  const long = Math.max((view.to - view.from) / factor, Math.min(CLOSEST, axis.to - axis.from));
  const share = (at - view.from) / (view.to - view.from);
  const from = at - share * long;
  return inside({ from, to: from + long }, axis);
}

/** @param {Range} view @param {number} by share of the view @param {Range} axis */
function panned(view, by, axis) {
  const step = (view.to - view.from) * by;
  return inside({ from: view.from + step, to: view.to + step }, axis);
}

/** What a key asks for; empty where the browser should have it.
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event */
function action(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return "";
  if (event.shiftKey && event.key === "ArrowLeft") return "pan-left";
  if (event.shiftKey && event.key === "ArrowRight") return "pan-right";
  /** @type {Record<string, string>} */
  const keys = {
    ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", PageUp: "lane-up", PageDown: "lane-down",
    "+": "in", "=": "in", "-": "out", _: "out", Home: "begin", End: "end", 0: "all", n: "next", N: "next", p: "previous", P: "previous",
    Enter: "pin", " ": "pin", Escape: "escape", e: "fold", E: "fold",
  };
  return Object.hasOwn(keys, event.key) ? keys[event.key] : "";
}

/** What matches a filter. A text is sought in labels, citations and raw lines, and a lane whose
 * name, id or server holds it matches whole.
 * @param {Lane[]} lanes @param {Filter} filter @param {(text: string) => {labels: Uint8Array, places: Uint8Array}} search
 * @returns {Matches[]} */
function matching(lanes, filter, search) {
  const text = filter.text.trim().toLowerCase();
  const found = text ? search(text) : null;
  return lanes.map((lane, number) => {
    const empty = lane.rows.map((row) => new Uint8Array(row.count));
    if (filter.lane >= 0 && filter.lane !== number) return { rows: empty, count: 0 };
    const named = `${lane.name}\n${lane.id}\n${lane.server}`.toLowerCase().includes(text);
    const marks = lane.rows[VERDICT];
    /** @type {Set<number>} re-downloads of the wanted verdict */
    const wanted = new Set();
    for (let at = 0; at < marks.count; at++) if (marks.kind[at] === filter.verdict) wanted.add(marks.again[at]);
    if (filter.verdict >= 0 && wanted.size === 0) return { rows: empty, count: 0 };
    let count = 0;
    const rows = lane.rows.map((row, kind) => {
      if (filter.kind >= 0 && filter.kind !== kind) return empty[kind];
      const byVerdict = filter.verdict >= 0 && (kind === VERDICT || kind === WINDOW);
      const byText = found && !named ? found : null;
      if (!byVerdict && !byText) {
        count += row.count;
        return null;
      }
      const mask = empty[kind];
      for (let at = 0; at < row.count; at++) {
        if (byVerdict && !wanted.has(row.again[at])) continue;
        if (byText && !byText.labels[row.label[at]] && !(row.place[at] >= 0 && byText.places[row.place[at]])) continue;
        mask[at] = 1;
        count++;
      }
      return mask;
    });
    return { rows, count };
  });
}

/** The next matching item of a row after `at` in the direction of `step`, or -1.
 * @param {Row} row @param {Uint8Array | null} only @param {number} at @param {number} step */
function beside(row, only, at, step) {
  for (let one = at + step; one >= 0 && one < row.count; one += step) if (!only || only[one]) return one;
  return -1;
}

/** The matching item of a row that begins nearest to `at`, or -1.
 * @param {Row} row @param {Uint8Array | null} only @param {number} at */
function nearest(row, only, at) {
  const later = first(row.count, (one) => row.from[one] >= at);
  const after = only && !only[later] ? beside(row, only, later, 1) : later < row.count ? later : -1;
  const before = beside(row, only, later, -1);
  if (after < 0 || before < 0) return Math.max(after, before);
  return row.from[after] - at < at - row.from[before] ? after : before;
}

/** `t=FROM/TO&s=LANE.ROW.ITEM` and the filters. Ids of sections hold no `=`, so nothing clashes.
 * @param {{view: Range, axis: Range, selected: Item | null, filter: Filter, offsets: Offset[], verdicts: Verdict[]}} state */
function printHash(state) {
  const { view, selected, filter, offsets } = state, parts = [];
  if (view.from > state.axis.from || view.to < state.axis.to) {
    // Whole seconds, unless the view is closer than that.
    const grain = view.to - view.from > MINUTE ? SECOND : 1;
    parts.push(`t=${iso(offsets, Math.round(view.from / grain) * grain)}/${iso(offsets, Math.round(view.to / grain) * grain)}`);
  }
  if (selected) parts.push(`s=${selected.lane}.${ROWS[selected.row]}.${selected.item}`);
  if (filter.lane >= 0) parts.push(`p=${filter.lane}`);
  if (filter.verdict >= 0) parts.push(`v=${state.verdicts[filter.verdict].name}`);
  if (filter.kind >= 0) parts.push(`k=${ROWS[filter.kind]}`);
  if (filter.text) parts.push(`q=${encodeURIComponent(filter.text)}`);
  return parts.join("&");
}

/** What an address asks for; `null` if it names no view. What it names but the page does not have
 * is left out.
 * @param {string} hash @param {{offsets: Offset[], verdicts: Verdict[], lanes: Lane[]}} data
 * @returns {{view: Range | null, selected: Item | null, filter: Filter} | null} */
function parseHash(hash, data) {
  if (!/^#?[a-z]=/.test(hash)) return null;
  /** @type {Map<string, string>} */
  const parts = new Map();
  for (const part of hash.replace(/^#/, "").split("&")) parts.set(part.slice(0, 1), part.slice(2));
  const get = (/** @type {string} */ key) => parts.get(key) || "";
  let text = "";
  try {
    text = decodeURIComponent(get("q"));
  } catch (error) { /* cut in the middle of a character: no text */ }
  const [from, to] = get("t").split("/").map((one) => parseIso(data.offsets, one));
  const view = to > from ? { from, to } : null;
  const [, lane, name, item] = /^(\d{1,9})\.([a-z]+)\.(\d{1,9})$/.exec(get("s")) || [];
  const row = ROWS.indexOf(name);
  const there = row >= 0 && data.lanes[+lane] && +item < data.lanes[+lane].rows[row].count;
  const wanted = /^\d{1,9}$/.test(get("p")) && +get("p") < data.lanes.length ? +get("p") : -1;
  return {
    view,
    selected: there ? { lane: +lane, row, item: +item } : null,
    filter: { lane: wanted, verdict: data.verdicts.findIndex((one) => one.name === get("v")), kind: ROWS.indexOf(get("k")), text },
  };
}

/** A sentence with its blanks filled in. @param {string} sentence @param {(string | number)[]} blanks */
function fill(sentence, ...blanks) {
  return sentence.replace(/\{\}/g, () => String(blanks.shift()));
}

/** Base64, inflated, read as JSON. @param {string} text @returns {Promise<any>} */
async function unpack(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).json();
}

/** Several of them, divided by points. @param {string} text @returns {Promise<any[]>} */
function unpackAll(text) {
  return Promise.all(text.split(".").map(unpack));
}

/** Node's, for the tests; a page has none. @type {any} */
var module;
if (typeof module !== "undefined") {
  module.exports = {
    ROWS, TELLING, sums, unpackRow, unpackPlaces, unpackTexts, first, visible, worstPerPixel, runs, thinned, cluster, minutesAt, iso, parseIso, readable, length,
    ticks, inside, zoomed, panned, action, matching, beside, nearest, printHash, parseHash, fill, unpack, unpackAll,
  };
}
