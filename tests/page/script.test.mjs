// The functions of lanes.js that need no page, at both sides of each edge.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRequire } from "node:module";
import { deflateRawSync } from "node:zlib";

const lanes = createRequire(import.meta.url)("../../src/render/html/lanes.js");
const HOUR = 3_600_000, DAY = 24 * HOUR;

/** A row of `[from, long, kind]`. */
function row(items) {
  let before = 0;
  const from = items.map(([at]) => {
    const step = at - before;
    before = at;
    return step;
  });
  return lanes.unpackRow({ from, long: items.map((one) => one[1]), kind: items.map((one) => one[2]), label: items.map((_, at) => at), place: items.map((_, at) => (at ? 1 : 1)), again: items.map((_, at) => at) });
}

test("rows are unpacked from differences, open ends are known as such", () => {
  const one = row([[100, 50, 2], [120, -1, 0], [300, 0, 1]]);
  assert.deepEqual([...one.from], [100, 120, 300]);
  assert.deepEqual([...one.to], [150, 120, 300]);
  assert.deepEqual([...one.open], [0, 1, 0]);
  assert.deepEqual([...one.reach], [150, 150, 300]);
  assert.deepEqual([...one.place], [0, 1, 2]);
  const none = lanes.unpackRow({ from: [], long: [], kind: [], label: [], place: [], again: [] });
  assert.equal(none.count, 0);
  assert.deepEqual(lanes.visible(none, 0, 1), [0, 0]);
});

test("lines count anew in each file", () => {
  const { file, line } = lanes.unpackPlaces([0, 0, 1, 0], [5, 3, 2, 4]);
  assert.deepEqual([...file], [0, 0, 1, 1]);
  assert.deepEqual([...line], [5, 8, 2, 6]);
});

test("raw texts are put together from a form, what is its own and a text", () => {
  const forms = [["<event date='", "' severity='4' thread='", "' tickCount='", "' >"]];
  const packed = { forms, texts: ["", "Ready", "a whole text"], form: [1, 0, 1, 0], text: [1, 0, 1, 2], thread: [7, 8], tick: [999999999999999, -999999999999990], head: [0, 4], tail: [0, 3] };
  assert.deepEqual(lanes.unpackTexts(packed, [["Sep 26 +1"], ["27"]]), [
    "<event date='Sep 26 +1' severity='4' thread='7' tickCount='999999999999999' >\nReady",
    "",
    "<event date='Sep 27 +1' severity='4' thread='8' tickCount='9' >\nReady",
    "a whole text",
  ]);
  assert.deepEqual(lanes.unpackTexts({ forms: [], texts: [""], form: [], text: [], thread: [], tick: [], head: [], tail: [] }, []), []);
});

test("a range is found by halving, with what began long before it", () => {
  const one = row([[0, 1000, 0], [10, 5, 0], [20, 5, 0], [30, 5, 0]]);
  assert.deepEqual(lanes.visible(one, 26, 29), [0, 3]);
  assert.deepEqual(lanes.visible(one, 1000, 2000), [0, 4]);
  assert.deepEqual(lanes.visible(one, 1001, 2000), [4, 4]);
  assert.deepEqual(lanes.visible(one, -5, -1), [0, 0]);
});

test("the worst state wins a pixel, as in the picture", () => {
  const bad = [0, 1, 5, 8];
  const one = row([[0, 5000, 1], [5000, 1, 2], [5001, 3999, 1], [9000, 1000, 0]]);
  const shown = (from, to, width, only = null) => [...lanes.worstPerPixel(one, bad, { from, to }, width, only)].map((at) => (at < 0 ? -1 : one.kind[at]));
  assert.deepEqual(shown(0, 10000, 10), [1, 1, 1, 1, 1, 2, 1, 1, 1, 0]);
  assert.deepEqual(shown(20000, 30000, 3), [-1, -1, -1]);
  assert.deepEqual(shown(5, 5, 2), [-1, -1]);
  assert.deepEqual(shown(0, 1, 0), []);
  // At the end of the view, an item takes the last pixel.
  assert.equal(lanes.worstPerPixel(row([[100, 0, 3]]), bad, { from: 0, to: 100 }, 10, null)[9], 0);
  assert.deepEqual(shown(0, 10000, 10, Uint8Array.of(0, 1, 0, 0)), [-1, -1, -1, -1, -1, 2, -1, -1, -1, -1]);
});

test("neighbouring pixels of one kind are one run, gaps part them", () => {
  assert.deepEqual(lanes.runs(Int32Array.of(0, 1, -1, 1, 2, 2), [7, 7, 3]), [[7, 0, 2], [7, 3, 4], [3, 4, 6]]);
  assert.deepEqual(lanes.runs(Int32Array.of(-1, -1), [7]), []);
});

test("symbols that would touch are thinned to the worst, with their number", () => {
  const one = row([[0, 0, 0], [10, 0, 2], [19, 0, 1], [20, 0, 0]]);
  const bad = (at) => one.kind[at];
  const found = lanes.thinned(one, bad, { from: 0, to: 100 }, 100, 20, null);
  assert.deepEqual(found.map(({ item, x, count }) => [item, x, count]), [[1, 0, 3], [3, 20, 1]]);
  const masked = lanes.thinned(one, bad, { from: 0, to: 100 }, 100, 20, Uint8Array.of(0, 0, 1, 1));
  assert.deepEqual(masked.map(({ item, count }) => [item, count]), [[2, 2]]);
});

test("marks that would touch are one, of the verdict most share", () => {
  assert.deepEqual(lanes.cluster([0, 10, 15, 100], [3, 0, 3, 3], 24), [
    { x: 0, first: 0, verdict: 3, count: 3, mixed: true },
    { x: 100, first: 3, verdict: 3, count: 1, mixed: false },
  ]);
  assert.equal(lanes.cluster([0, 23], [1, 0], 24)[0].verdict, 0, "equal: the first of the contract's order");
  assert.equal(lanes.cluster([0, 24], [1, 0], 24).length, 2);
  assert.deepEqual(lanes.cluster([], [], 24), []);
});

test("times are those of the server's clock, on both sides of a clock change", () => {
  const change = Date.UTC(2026, 9, 25, 1), offsets = [[0, 120], [change, 60]];
  assert.equal(lanes.iso(offsets, change - 1000), "2026-10-25T02:59:59+02:00");
  assert.equal(lanes.iso(offsets, change), "2026-10-25T02:00:00+01:00");
  assert.equal(lanes.iso([[0, -210]], change + 5), "2026-10-24T21:30:00.005-03:30");
  assert.equal(lanes.iso([], change), "2026-10-25T01:00:00");
  for (const at of [change - 1000, change, change + 123]) assert.equal(lanes.parseIso(offsets, lanes.iso(offsets, at)), at);
  assert.equal(lanes.parseIso([], "2026-10-25T01:00:00"), change);
  assert.equal(lanes.parseIso([[0, 60]], "2026-10-25T02:00"), change, "a person leaves out the offset");
  for (const wrong of ["", "x", "2026-10-25", "2026-13-45T00:00:00", "2026-10-25T01:00:00<b>"]) assert.ok(Number.isNaN(lanes.parseIso([], wrong)), wrong);
});

test("months are English", () => {
  const months = "January February March April May June July August September October November December".split(" ");
  assert.equal(lanes.readable([[0, 60]], Date.UTC(2026, 10, 2, 2, 0, 5), months), "2 November 2026, 03:00:05");
  assert.equal(lanes.readable([], Date.UTC(2026, 0, 31, 23, 59, 59, 7), months), "31 January 2026, 23:59:59.007");
});

test("lengths are told by their two largest parts", () => {
  assert.equal(lanes.length(9 * 60_000 + 36_000), "9 min 36 s");
  assert.equal(lanes.length(2 * DAY + 5 * 60_000), "2 d");
  assert.equal(lanes.length(45_000), "45 s");
  assert.equal(lanes.length(7), "7 ms");
});

test("ticks stand at round local times, days as ISO dates", () => {
  const offsets = [[0, 120], [5 * DAY + HOUR, 60]];
  const days = lanes.ticks({ from: 0, to: 8 * DAY }, offsets, 10);
  assert.ok(days.every((tick) => tick.midnight));
  assert.equal(days[0].at, DAY - 2 * HOUR);
  assert.equal(days.at(-1).at, 8 * DAY - HOUR);
  assert.equal(days[0].label, "1970-01-02");
  const hours = lanes.ticks({ from: 0, to: DAY }, [], 10);
  assert.deepEqual(hours.map((tick) => tick.label).slice(0, 3), ["1970-01-01", "03:00", "06:00"]);
  assert.deepEqual(lanes.ticks({ from: 0, to: 20_000 }, [], 5).map((tick) => tick.label), ["1970-01-01", "00:00:05", "00:00:10", "00:00:15", "00:00:20"]);
  for (const long of [1, 999, 61_000, HOUR, 400 * DAY, 40_000 * DAY]) {
    const count = lanes.ticks({ from: 1e12, to: 1e12 + long }, [], 10).length;
    assert.ok(count >= 1 && count <= 12, `${long}: ${count}`);
  }
  assert.deepEqual(lanes.ticks({ from: 5, to: 5 }, [], 10), []);
});

test("a view stays inside the axis and is never too close", () => {
  const axis = { from: 0, to: 100_000 };
  assert.deepEqual(lanes.inside({ from: -50, to: 40_000 }, axis), { from: 0, to: 40_050 });
  assert.deepEqual(lanes.inside({ from: 90_000, to: 140_000 }, axis), { from: 50_000, to: 100_000 });
  assert.deepEqual(lanes.inside({ from: -9e9, to: 9e9 }, axis), axis);
  const close = lanes.zoomed({ from: 0, to: 2_100 }, 100, 1_000, axis);
  assert.equal(close.to - close.from, 2_000);
  // What is under the pointer stays there.
  const near = lanes.zoomed({ from: 20_000, to: 60_000 }, 2, 30_000, axis);
  assert.deepEqual(near, { from: 25_000, to: 45_000 });
  assert.deepEqual(lanes.zoomed(near, 1 / 2, 30_000, axis), { from: 20_000, to: 60_000 });
  assert.deepEqual(lanes.panned(near, 0.5, axis), { from: 35_000, to: 55_000 });
  assert.deepEqual(lanes.panned(near, 9, axis), { from: 80_000, to: 100_000 });
});

test("keys of the browser stay the browser's", () => {
  const key = (key, more = {}) => lanes.action({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
  assert.equal(key("ArrowLeft"), "left");
  assert.equal(key("ArrowLeft", { shiftKey: true }), "pan-left");
  assert.equal(key("ArrowLeft", { altKey: true }), "");
  assert.equal(key("+"), "in");
  assert.equal(key("+", { ctrlKey: true }), "");
  assert.equal(key("p", { metaKey: true }), "");
  assert.equal(key("n"), "next");
  assert.equal(key(" "), "pin");
  for (const other of ["Tab", "a", "F5", "toString", "constructor"]) assert.equal(key(other), "", other);
});

/** Lanes with marks, states and windows; other rows empty. */
function some() {
  const empty = () => row([]);
  const lane = (name, marks, windows) => {
    const rows = lanes.ROWS.map(empty);
    rows[0] = row(marks);
    rows[1] = row([[0, 10, 4], [10, 10, 3]]);
    rows[3] = row(windows);
    return { name, id: `{${name}}`, server: "PS01", note: "", verdicts: "", sick: true, rows };
  };
  return [lane("Drawing Suite", [[5, 0, 3], [15, 0, 0]], [[1, 2, 0]]), lane("Label Printer", [[7, 0, 0]], [])];
}
const nothing = { lane: -1, verdict: -1, kind: -1, text: "" };
const search = (text) => ({ labels: Uint8Array.of(text === "first" ? 1 : 0, 0, 0), places: Uint8Array.of(0, text === "kept" ? 1 : 0, 0) });

test("each filter leaves what it names", () => {
  const all = some();
  const counts = (filter) => lanes.matching(all, { ...nothing, ...filter }, search).map((one) => one.count);
  assert.deepEqual(counts({}), [5, 3]);
  assert.deepEqual(counts({ lane: 1 }), [0, 3]);
  assert.deepEqual(counts({ kind: 0 }), [2, 1]);
  // The verdict's mark and window, the states as they are; a lane without it is out.
  assert.deepEqual(counts({ verdict: 3 }), [4, 0]);
  assert.deepEqual(counts({ verdict: 0, kind: 0 }), [1, 1]);
  assert.deepEqual(counts({ text: "LABEL printer" }), [0, 3]);
  assert.deepEqual(counts({ text: "first" }), [3, 2]);
  assert.deepEqual(counts({ text: "kept" }), [2, 1]);
  assert.deepEqual(counts({ text: "  " }), [5, 3]);
  assert.deepEqual(counts({ text: "no such" }), [0, 0]);
  const masks = lanes.matching(all, { ...nothing, verdict: 3 }, search)[0].rows;
  assert.deepEqual([...masks[0]], [1, 0]);
  assert.equal(masks[1], null);
  assert.deepEqual([...masks[3]], [1]);
});

test("neighbours are found past what does not match", () => {
  const one = row([[0, 0, 0], [10, 0, 0], [20, 0, 0]]);
  const only = Uint8Array.of(1, 0, 1);
  assert.equal(lanes.beside(one, only, 0, 1), 2);
  assert.equal(lanes.beside(one, only, 0, -1), -1);
  assert.equal(lanes.nearest(one, null, 14), 1);
  assert.equal(lanes.nearest(one, null, 16), 2);
  assert.equal(lanes.nearest(one, only, 9), 0);
  assert.equal(lanes.nearest(one, only, 99), 2);
  assert.equal(lanes.nearest(row([]), null, 5), -1);
  assert.equal(lanes.nearest(one, Uint8Array.of(0, 0, 0), 5), -1);
});

test("an address gives back the view that printed it", () => {
  const verdicts = [{ name: "version-change" }, { name: "external-removal" }], data = { offsets: [[0, 60]], verdicts, lanes: some() };
  const axis = { from: 0, to: 400 * DAY };
  const state = { axis, view: { from: DAY, to: 3 * DAY }, selected: { lane: 0, row: 0, item: 1 }, filter: { lane: 0, verdict: 1, kind: 3, text: "a b&c=ä#/" }, offsets: data.offsets, verdicts };
  const hash = lanes.printHash(state);
  assert.equal(hash, "t=1970-01-02T01:00:00+01:00/1970-01-04T01:00:00+01:00&s=0.verdict.1&p=0&v=external-removal&k=window&q=a%20b%26c%3D%C3%A4%23%2F");
  assert.deepEqual(lanes.parseHash(`#${hash}`, data), { view: state.view, selected: state.selected, filter: state.filter });
  assert.equal(lanes.printHash({ ...state, view: axis, selected: null, filter: nothing }), "");
  // Closer than a minute, milliseconds count.
  assert.match(lanes.printHash({ ...state, view: { from: 5, to: 3_005 }, selected: null, filter: nothing }), /00\.005\+/);
});

test("an address that names no view, or what is not there, does no harm", () => {
  const data = { offsets: [], verdicts: [{ name: "version-change" }], lanes: some() };
  for (const hash of ["", "#", "#answer", "#p0-r1", "#m1", "#timeline"]) assert.equal(lanes.parseHash(hash, data), null, hash);
  const wild = ["#s=9.verdict.0", "#s=0.verdict.99", "#s=0.toString.0", "#s=0.constructor.0", "#t=5/6", "#t=2026-01-02T00:00:00/2026-01-01T00:00:00", "#q=%E4%", "#p=99&v=x&k=__proto__", "#s=<b>"];
  for (const hash of wild) {
    const found = lanes.parseHash(hash, data);
    assert.deepEqual([found.view, found.selected, found.filter], [null, null, nothing], hash);
  }
});

test("sentences are filled in once, whatever stands in the blanks", () => {
  assert.equal(lanes.fill("{} of {}", "{}", 2), "{} of 2");
  assert.equal(lanes.fill("{} is $& {}", "$1", "$'"), "$1 is $& $'");
});

test("blocks are unpacked", async () => {
  const packed = deflateRawSync(Buffer.from(JSON.stringify({ text: "ä€😀" }))).toString("base64");
  assert.deepEqual(await lanes.unpack(packed), { text: "ä€😀" });
  await assert.rejects(lanes.unpack("AAAA"));
  assert.deepEqual(await lanes.unpackAll(`${packed}.${packed}`), [{ text: "ä€😀" }, { text: "ä€😀" }]);
  await assert.rejects(lanes.unpackAll(`${packed}.AAAA`));
});
