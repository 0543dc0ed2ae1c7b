// @ts-check
// The timeline in the page: canvas, overview, filters, keys, pointer, address. Tested in a browser.
//
// Every text from evidence reaches the page by textContent or a canvas, never as markup.

/** Above the lanes, the name of a lane, and the left column. */
const AXIS = 30, HEAD = 22;
const HEIGHTS = { [VERDICT]: 26, [STATE]: 20, [DOWNLOAD]: 16, [SNAPSHOT]: 15, [DISK]: 15, [STATUS]: 15, [ERROR]: 15 };
/** Pixels between marks and between symbols that are drawn one by one. */
const APART = 46, SYMBOL = 10;

/** Unpacks, builds the view and keeps it. @param {HTMLElement} root */
async function start(root) {
  /** @param {string} id */
  const by = (id) => /** @type {any} */ (document.getElementById(`lanes-${id}`));
  /** @type {Packed} */
  const data = await unpack(by("data").textContent);
  /** @type {Lane[]} */
  const lanes = data.lanes.map((lane) => ({ ...lane, rows: lane.rows.map(unpackRow) }));
  const places = unpackPlaces(data.place_file, data.place_line);
  const { offsets, words, months } = data;
  /** @type {string[] | null} */
  let raw = null;

  /** @type {HTMLCanvasElement} */
  const canvas = by("canvas");
  /** @type {HTMLCanvasElement} */
  const overview = by("overview");
  /** @type {HTMLElement} */
  const scroll = by("scroll");
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const small = /** @type {CanvasRenderingContext2D} */ (overview.getContext("2d"));
  const behind = document.createElement("canvas");

  const axis = { from: data.from, to: data.to };
  /** @type {Range} */
  let view = { ...axis };
  /** @type {Filter} */
  let filter = { lane: -1, verdict: -1, kind: -1, text: "" };
  /** @type {Item | null} */
  let selected = null;
  let pinned = false;
  /** @type {Matches[]} */
  let matches = [];
  /** @type {Set<number>} lanes that the reader folded or unfolded */
  const turned = new Set();
  /** Lanes that are shown, top of each, and one end more. */
  let shown = /** @type {number[]} */ ([]), tops = [0];
  let width = 0, height = 0, gutter = 110;
  /** @type {Record<string, string>} */
  let colours = {};
  /** @type {ReturnType<typeof painter>} */
  let paint;
  let asked = false, stale = true, frames = 0;

  // ---- Small helpers

  /** @param {string} name @param {string} [text] @param {string} [kind] */
  const element = (name, text, kind) => {
    const one = document.createElement(name);
    if (text !== undefined) one.textContent = text;
    if (kind) one.className = kind;
    return one;
  };
  const plot = () => Math.max(width - gutter, 1);
  /** @param {number} at */
  const xOf = (at) => gutter + ((at - view.from) / (view.to - view.from)) * plot();
  /** @param {number} x */
  const atOf = (x) => view.from + ((x - gutter) / plot()) * (view.to - view.from);
  /** @param {number} lane */
  const tall = (lane) => (lanes[lane].sick || filter.lane === lane || filter.kind >= 0) !== turned.has(lane);
  /** Rows that a lane draws, by height from its top. @param {number} lane @returns {[number, number, number][]} */
  const rowsOf = (lane) => {
    if (!tall(lane)) return [[STATE, HEAD, 12]];
    let top = HEAD;
    /** @type {[number, number, number][]} */
    const out = [];
    for (const kind of [VERDICT, STATE, DOWNLOAD, SNAPSHOT, DISK, STATUS, ERROR]) {
      const wanted = filter.kind < 0 || filter.kind === kind || (kind === STATE && (filter.kind === WINDOW || filter.kind === GONE));
      if (!wanted || (lanes[lane].rows[kind].count === 0 && kind !== STATE)) continue;
      out.push([kind, top, HEIGHTS[kind]]);
      top += HEIGHTS[kind];
    }
    return out;
  };
  const ask = () => {
    if (!asked) requestAnimationFrame(draw);
    asked = true;
  };
  /** Text cut to fit. @param {string} text @param {number} room @param {string} style */
  const fit = (text, room, style) => {
    ctx.font = `${style} ${FONT}`;
    if (ctx.measureText(text).width <= room) return text;
    const letters = [...text];
    const keep = first(letters.length, (most) => ctx.measureText(`${letters.slice(0, most + 1).join("")}…`).width > room);
    return keep > 0 ? `${letters.slice(0, keep).join("")}…` : "";
  };

  // ---- Layout

  function arrange() {
    shown = [];
    tops = [0];
    lanes.forEach((_, lane) => {
      if (matches[lane].count === 0 && (filter.lane >= 0 || filter.verdict >= 0 || filter.kind >= 0 || filter.text.trim())) return;
      const rows = rowsOf(lane), last = rows[rows.length - 1];
      shown.push(lane);
      tops.push(tops[tops.length - 1] + (last ? last[1] + last[2] : HEAD) + 8);
    });
    measure();
  }

  function measure() {
    const ratio = window.devicePixelRatio || 1, all = tops[tops.length - 1] + AXIS + 4;
    width = scroll.clientWidth;
    gutter = width < 560 ? 84 : 116;
    height = Math.round(Math.min(all, Math.max(260, Math.min(window.innerHeight * 0.72, 760))));
    by("tall").style.height = `${Math.max(all, 120)}px`;
    height = Math.max(height, 120);
    // With its borders: a region that scrolls by their two pixels would catch the wheel.
    scroll.style.height = `${height + scroll.offsetHeight - scroll.clientHeight}px`;
    width = scroll.clientWidth;
    for (const [one, wide, high] of /** @type {[HTMLCanvasElement, number, number][]} */ ([[canvas, width, height], [overview, scroll.offsetWidth, 46]])) {
      one.style.width = `${wide}px`;
      one.style.height = `${high}px`;
      one.width = Math.round(wide * ratio);
      one.height = Math.round(high * ratio);
    }
    stale = true;
    ask();
  }

  function theme() {
    const style = getComputedStyle(root);
    colours = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--lane-${name}`).trim()]));
    paint = painter(ctx, colours, data);
    stale = true;
    ask();
  }

  // ---- Drawing

  function draw() {
    asked = false;
    if (!width) return;
    const ratio = canvas.width / width;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint.rect(colours.paper, 0, 0, width, height);
    const from = scroll.scrollTop, marks = ticks(view, offsets, Math.max(plot() / 95, 2));
    const begin = Math.max(first(tops.length, (at) => tops[at] > from) - 1, 0);
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, AXIS, width, height - AXIS);
    ctx.clip();
    for (let at = begin; at < shown.length && tops[at] - from < height; at++) {
      if (at % 2 === 0) paint.rect(colours.band, 0, AXIS + tops[at] - from, width, AXIS + tops[at + 1] - from);
    }
    for (const tick of marks) paint.rect(tick.midnight ? colours.line : colours.grid, Math.round(xOf(tick.at)), AXIS, Math.round(xOf(tick.at)) + 1, height);
    for (let at = begin; at < shown.length && tops[at] - from < height; at++) drawLane(shown[at], AXIS + tops[at] - from, AXIS + tops[at + 1] - from);
    if (shown.length === 0) paint.write(words.nothing, gutter + 12, AXIS + 40, colours.faint, "14px", "left");
    ctx.restore();
    drawAxis(marks);
    drawOverview();
    const grain = view.to - view.from > MINUTE ? SECOND : 1;
    const [left, right] = [view.from, view.to].map((at) => readable(offsets, Math.round(at / grain) * grain, months));
    by("range").textContent = fill(words.range, left, right);
    // For whoever measures: the tests do.
    if (frames === 0) performance.mark("lanes-drawn");
    root.dataset.frames = String(++frames);
  }

  /** @param {{at: number, label: string, midnight: boolean}[]} marks */
  function drawAxis(marks) {
    paint.rect(colours.paper, 0, 0, width, AXIS);
    paint.rect(colours.faint, gutter, AXIS - 1, width, AXIS);
    let free = gutter - 4;
    // Without a day among the labels, the day of the left end stands first.
    if (!marks.some((tick) => tick.midnight)) {
      const day = iso(offsets, view.from).slice(0, 10);
      paint.write(day, 8, AXIS / 2, colours.ink, "600 12px", "left");
    }
    for (const tick of marks) {
      const style = tick.midnight ? "600 12px" : "12px", x = xOf(tick.at);
      ctx.font = `${style} ${FONT}`;
      const half = ctx.measureText(tick.label).width / 2;
      if (x - half < free || x + half > width - 2) continue;
      free = x + half + 10;
      paint.rect(colours.faint, Math.round(x), AXIS - 6, Math.round(x) + 1, AXIS);
      paint.write(tick.label, x, AXIS / 2 - 2, colours.ink, style, "center");
    }
  }

  /** @param {number} number @param {number} top @param {number} bottom */
  function drawLane(number, top, bottom) {
    const lane = lanes[number], rows = rowsOf(number), only = matches[number].rows;
    const style = lane.sick ? "600 13px" : "12.5px", middle = top + HEAD / 2 + 1;
    const name = fit(lane.name, Math.max(width * 0.55, 120), style);
    paint.write(name, 8, middle, colours.ink, style, "left");
    const beside = 8 + ctx.measureText(name).width + 12;
    paint.write(fit([lane.note, lane.verdicts].filter(Boolean).join(" · "), width - beside - 8, "12px"), beside, middle, colours.faint, "12px", "left");
    if (tall(number)) for (const [kind, y, high] of rows) paint.write(fit(words[ROWS[kind]], gutter - 18, "11px"), gutter - 8, top + y + high / 2, colours.faint, "11px", "right");
    ctx.save();
    ctx.beginPath();
    ctx.rect(gutter, top, width - gutter, bottom - top);
    ctx.clip();
    const windows = spread(lane.rows[WINDOW], only[WINDOW]);
    const end = rows.length ? top + rows[rows.length - 1][1] + rows[rows.length - 1][2] : bottom;
    if (filter.kind < 0 || filter.kind === WINDOW || filter.kind === VERDICT) for (const [left, right] of windows) paint.window(left, right, top + HEAD, end);
    for (const [kind, y, high] of rows) {
      const row = lane.rows[kind], line = top + y;
      if (kind === VERDICT) continue;
      if (kind === STATE) drawStates(row, only[STATE], line, high, windows);
      else if (kind === DOWNLOAD) drawDownloads(row, only[DOWNLOAD], line + high / 2);
      else drawSights(row, only[kind], line + high / 2);
    }
    for (const [left, right] of windows) paint.frame(colours.vermillion, left, top + HEAD, right, end);
    for (const [kind, y, high] of rows) {
      if (kind === STATE) drawGone(lane.rows[GONE], only[GONE], top + y + high / 2);
      if (kind === VERDICT) drawMarks(lane.rows[VERDICT], only[VERDICT], top + y, high);
    }
    if (selected && selected.lane === number) drawSelected(rows, top, end);
    ctx.restore();
  }

  /** Removal windows in pixels, each wide enough to be seen. @param {Row} row @param {Uint8Array | null} only @returns {[number, number][]} */
  function spread(row, only) {
    /** @type {[number, number][]} */
    const out = [];
    const [begin, end] = visible(row, view.from, view.to);
    for (let at = begin; at < end; at++) {
      if ((only && !only[at]) || row.to[at] < view.from) continue;
      const left = Math.max(xOf(row.from[at]), gutter - 9), right = Math.min(Math.max(xOf(row.to[at]), left + 6), width + 9);
      const last = out[out.length - 1];
      // Windows that share their pixels are one frame: the frames would hide each other.
      if (last && left < last[0] + 6) last[1] = Math.max(last[1], right);
      else out.push([Math.round(left), Math.round(right)]);
    }
    return out;
  }

  /** @param {Row} row @param {Uint8Array | null} only @param {number} top @param {number} high @param {[number, number][]} windows */
  function drawStates(row, only, top, high, windows) {
    for (const mask of only ? [null, only] : [null]) {
      // What does not match stays as a shadow: without it the rest would hang in the air.
      ctx.globalAlpha = only && !mask ? 0.22 : 1;
      const found = runs(worstPerPixel(row, data.worst, view, Math.ceil(plot()), mask), row.kind);
      const calm = (/** @type {number} */ kind) => Boolean((STATES[data.states[kind]] || STATES.Unknown).calm);
      for (const turn of [true, false]) {
        for (const [kind, left, right] of found) {
          if (calm(kind) !== turn) continue;
          paint.state(kind, gutter + left, gutter + (turn ? right : Math.max(right, left + 3)), top + 1, top + high - 1);
          const look = STATES[data.states[kind]];
          const covered = windows.some((one) => one[0] < gutter + left + 60 && one[1] > gutter + left);
          if (high > 14 && look && look.on && right - left > 46 && !covered) {
            const name = fit(data.states[kind], right - left - 12, "11px");
            if (name.length > 3) paint.write(name, gutter + left + 6, top + high / 2 + 0.5, colours[look.on], "11px", "left");
          }
        }
      }
    }
    ctx.globalAlpha = 1;
    for (const [left, right] of windows) paint.gap(left, right, top + 1, top + high - 1);
  }

  /** @param {Row} row @param {Uint8Array | null} only @param {number} y */
  function drawDownloads(row, only, y) {
    for (const [, left, right] of runs(worstPerPixel(row, BAD_ENDS, view, Math.ceil(plot()), only), row.kind)) paint.rect(colours.ink, gutter + left, y - 0.5, gutter + right, y + 0.5);
    const bad = (/** @type {number} */ at) => BAD_ENDS[row.kind[at]];
    for (const { item, x } of thinned(row, bad, view, plot(), SYMBOL, only)) {
      const left = gutter + x;
      paint.end(row.kind[item], Math.max(xOf(row.to[item]), left + 9), y);
      paint.begin(left, y);
    }
  }

  /** @param {Row} row @param {Uint8Array | null} only @param {number} y */
  function drawSights(row, only, y) {
    const bad = (/** @type {number} */ at) => TELLING.length - TELLING.indexOf(data.symbols[row.kind[at]]);
    for (const { item, x } of thinned(row, bad, view, plot(), SYMBOL, only)) {
      const right = xOf(row.to[item]);
      if (right > gutter + x + 6) paint.rect(colours.faint, gutter + x, y - 1, right, y + 1);
      paint.glyph(row.kind[item], gutter + x, y);
    }
  }

  /** @param {Row} row @param {Uint8Array | null} only @param {number} y */
  function drawGone(row, only, y) {
    if (filter.kind >= 0 && filter.kind !== GONE) return;
    for (const { x } of thinned(row, () => 0, view, plot(), SYMBOL, only)) paint.gone(gutter + x, y);
  }

  /** Marks that are in view or nearly, as they are drawn. @param {Row} row @param {Uint8Array | null} only */
  function groups(row, only) {
    const margin = (APART / plot()) * (view.to - view.from);
    const [begin, end] = visible(row, view.from - margin, view.to + margin);
    /** @type {number[]} */
    const items = [];
    for (let at = begin; at < end; at++) if (!only || only[at]) items.push(at);
    return cluster(items.map((at) => xOf(row.from[at])), items.map((at) => row.kind[at]), APART).map((one) => ({ ...one, first: items[one.first] }));
  }

  /** @param {Row} row @param {Uint8Array | null} only @param {number} top @param {number} high */
  function drawMarks(row, only, top, high) {
    for (const group of groups(row, only)) {
      paint.rect(colours.ink, Math.round(group.x), top + high / 2, Math.round(group.x) + 1, top + high + 2);
      paint.mark(group.verdict, group.x, top + high / 2);
      if (group.count > 1) paint.write(`×${group.count}${group.mixed ? "+" : ""}`, group.x + 12, top + high / 2, colours.ink, "600 11.5px", "left");
    }
  }

  /** @param {[number, number, number][]} rows @param {number} top @param {number} end */
  function drawSelected(rows, top, end) {
    if (!selected) return;
    const row = lanes[selected.lane].rows[selected.row], drawn = selected.row === GONE ? STATE : selected.row;
    const found = rows.find((one) => one[0] === drawn);
    const point = [VERDICT, SNAPSHOT, DISK, STATUS, ERROR, GONE, DOWNLOAD].includes(selected.row);
    const left = xOf(row.from[selected.item]) - (point ? 11 : 2), right = Math.max(xOf(row.to[selected.item]) + (point ? 11 : 2), left + 8);
    const [upper, lower] = found ? [top + found[1] - 1, top + found[1] + found[2] + 1] : [top + HEAD - 1, end + 1];
    ctx.lineWidth = 4;
    ctx.strokeStyle = colours.paper;
    ctx.strokeRect(left, upper, right - left, lower - upper);
    ctx.lineWidth = 2;
    ctx.strokeStyle = colours.ink;
    ctx.strokeRect(left, upper, right - left, lower - upper);
  }

  function drawOverview() {
    const ratio = overview.width / Math.max(overview.clientWidth, 1), wide = overview.clientWidth, high = 46;
    if (stale) {
      stale = false;
      behind.width = overview.width;
      behind.height = overview.height;
      const back = /** @type {CanvasRenderingContext2D} */ (behind.getContext("2d"));
      const brush = painter(back, colours, data);
      back.setTransform(ratio, 0, 0, ratio, 0, 0);
      brush.rect(colours.paper, 0, 0, wide, high);
      const count = Math.max(shown.length, 1), strip = (high - 10) / count;
      shown.forEach((number, at) => {
        const lane = lanes[number], only = matches[number].rows;
        const found = runs(worstPerPixel(lane.rows[STATE], data.worst, axis, Math.ceil(wide), only[STATE]), lane.rows[STATE].kind);
        for (const [kind, left, right] of found) {
          const look = STATES[data.states[kind]];
          if (look && look.fill !== "paper") brush.rect(colours[look.fill], left, 9 + at * strip, right, 9 + (at + 1) * strip - (strip > 3 ? 1 : 0));
        }
        for (const { x } of thinned(lane.rows[VERDICT], () => 0, axis, wide, 2, only[VERDICT])) brush.rect(colours.ink, x - 0.5, 0, x + 1, 8);
      });
    }
    const scale = wide / (axis.to - axis.from), left = (view.from - axis.from) * scale, right = Math.max((view.to - axis.from) * scale, left + 3);
    small.setTransform(1, 0, 0, 1, 0, 0);
    small.drawImage(behind, 0, 0);
    small.setTransform(ratio, 0, 0, ratio, 0, 0);
    small.globalAlpha = 0.62;
    small.fillStyle = colours.paper;
    small.fillRect(0, 0, left, high);
    small.fillRect(right, 0, wide - right, high);
    small.globalAlpha = 1;
    small.strokeStyle = colours.ink;
    small.lineWidth = 2;
    small.strokeRect(left + 1, 1, right - left - 2, high - 2);
    small.fillStyle = colours.ink;
    for (const x of [left, right - 5]) small.fillRect(x, high / 2 - 8, 5, 16);
  }

  function legend() {
    const list = by("legend");
    list.textContent = "";
    for (const [kind, number, label] of data.legend) {
      const one = element("li"), sample = document.createElement("canvas"), ratio = window.devicePixelRatio || 1;
      sample.width = 30 * ratio;
      sample.height = 24 * ratio;
      sample.setAttribute("aria-hidden", "true");
      const inner = /** @type {CanvasRenderingContext2D} */ (sample.getContext("2d"));
      inner.scale(ratio, ratio);
      const brush = painter(inner, colours, data);
      if (kind === "state") brush.state(number, 1, 29, 4, 20);
      else if (kind === "verdict") brush.mark(number, 15, 12);
      else if (kind === "start") brush.begin(15, 12);
      else if (kind === "completed" || kind === "failed") brush.end(kind === "failed" ? 1 : 0, 15, 12);
      else if (kind === "gone") brush.gone(15, 12);
      else if (kind === "seen") brush.glyph(number, 15, 12);
      else {
        brush.window(2, 28, 3, 21);
        brush.frame(colours.vermillion, 2, 3, 28, 21);
      }
      one.append(sample, ` ${label}`);
      list.append(one);
    }
  }

  // ---- What is at a place

  /** @param {number} x @param {number} y in the canvas @returns {(Item & {more: number}) | {lane: number} | null} */
  function hit(x, y) {
    if (y < AXIS || y > height) return null;
    const down = y - AXIS + scroll.scrollTop, at = first(tops.length, (one) => tops[one] > down) - 1;
    if (at < 0 || at >= shown.length) return null;
    const number = shown[at], lane = lanes[number], only = matches[number].rows, inner = down - tops[at];
    if (x < gutter || inner < HEAD) return { lane: number };
    const found = rowsOf(number).find(([, top, high]) => inner >= top && inner < top + high);
    const kind = found ? found[0] : WINDOW, order = kind === STATE ? [GONE, STATE] : kind === WINDOW ? [WINDOW] : [kind, WINDOW];
    for (const row of order) {
      const best = pick(number, row, x, only[row]);
      if (best) return { lane: number, row, ...best };
    }
    return { lane: number };
  }

  /** @param {number} number @param {number} kind @param {number} x @param {Uint8Array | null} only */
  function pick(number, kind, x, only) {
    const row = lanes[number].rows[kind];
    if (kind === VERDICT) {
      const group = groups(row, only).find((one) => Math.abs(one.x - x) <= 12);
      return group ? { item: group.first, more: group.count - 1 } : null;
    }
    const reach = kind === STATE || kind === WINDOW ? 1.5 : 7;
    const [from, to] = [atOf(x - reach), atOf(x + reach)], [begin, end] = visible(row, from, to);
    let item = -1, more = -1;
    for (let at = begin; at < end; at++) {
      if (row.to[at] < from || (only && !only[at])) continue;
      more++;
      if (item < 0 || score(row, kind, at) > score(row, kind, item)) item = at;
    }
    return item < 0 ? null : { item, more };
  }

  /** The drawn one wins. @param {Row} row @param {number} kind @param {number} at */
  function score(row, kind, at) {
    if (kind === STATE) return data.worst[row.kind[at]];
    return kind === DOWNLOAD ? BAD_ENDS[row.kind[at]] : kind === WINDOW || kind === GONE ? 0 : TELLING.length - TELLING.indexOf(data.symbols[row.kind[at]]);
  }

  /** @param {Item} one */
  function describe(one) {
    const lane = lanes[one.lane], row = lane.rows[one.row], { from, to } = { from: row.from[one.item], to: row.to[one.item] };
    const begin = readable(offsets, from, months), end = readable(offsets, to, months);
    const when = row.open[one.item] ? fill(words.no_end, begin) : to > from ? `${fill(words.from_to, begin, begin.split(", ")[0] === end.split(", ")[0] ? end.split(", ")[1] : end)} (${length(to - from)})` : begin;
    const isoText = to > from ? `${iso(offsets, from)} / ${iso(offsets, to)}` : iso(offsets, from);
    const place = row.place[one.item];
    const cited = place < 0 ? "" : `${data.files[places.file[place]] || "?"}:${places.line[place]}`;
    const text = place < 0 ? words.no_place : raw === null ? words.wait : raw[place] || words.no_raw;
    return { name: lane.server ? fill(words.on, lane.name, lane.server) : lane.name, kind: words[ROWS[one.row]], label: data.labels[row.label[one.item]], when, isoText, cited, text, quoted: place >= 0 && raw !== null && raw[place] !== "", again: row.again[one.item], number: one.item + 1, of: row.count };
  }

  /** @param {HTMLElement} box @param {Item} one @param {number} more */
  function tell(box, one, more) {
    const told = describe(one);
    box.textContent = "";
    box.append(element("p", told.label, "lanes-what"), element("p", `${told.name} · ${fill(words.item, told.kind, told.number, told.of)}`, "lanes-where"), element("p", told.when, "lanes-when"));
    if (told.cited) box.append(element("p", told.cited, "place"));
    box.append(element(told.quoted ? "pre" : "p", told.text, told.quoted ? "" : "lanes-where"));
    if (more > 0) box.append(element("p", fill(words.here, more), "lanes-where"));
    return told;
  }

  /** @param {Item} one @param {number} more @param {number} x @param {number} y in the canvas */
  function showTip(one, more, x, y) {
    const tip = by("tip"), area = root.getBoundingClientRect(), mine = canvas.getBoundingClientRect();
    tell(tip, one, more);
    tip.hidden = false;
    const left = Math.min(mine.left - area.left + x + 14, area.width - tip.offsetWidth - 4);
    let top = mine.top - area.top + y + 18;
    // Above the pointer where there is no room below.
    if (mine.top + y + 18 + tip.offsetHeight > window.innerHeight && mine.top + y - 14 - tip.offsetHeight > 0) top = mine.top - area.top + y - 14 - tip.offsetHeight;
    tip.style.left = `${Math.max(left, 0)}px`;
    tip.style.top = `${top}px`;
  }

  const hideTip = () => { by("tip").hidden = true; };

  /** The tip of the selection, beside it. */
  function tipAtSelected() {
    if (!selected) return hideTip();
    const at = shown.indexOf(selected.lane), row = lanes[selected.lane].rows[selected.row];
    if (at < 0) return hideTip();
    const drawn = rowsOf(selected.lane).find((one) => selected && one[0] === (selected.row === GONE ? STATE : selected.row));
    const y = AXIS + tops[at] - scroll.scrollTop + (drawn ? drawn[1] + drawn[2] : HEAD), x = Math.min(Math.max(xOf(row.from[selected.item]), gutter), width - 20);
    showTip(selected, 0, x, y - 8);
  }

  // ---- Changing what is shown

  /** @param {Range} next */
  function look(next) {
    view = inside(next, axis);
    remember();
    ask();
  }

  /** @param {Item | null} one @param {boolean} [quiet] */
  function select(one, quiet) {
    selected = one;
    if (!one) {
      pinned = false;
      hideTip();
      by("pinned").hidden = true;
      by("live").textContent = quiet ? "" : words.nothing_selected;
    } else {
      const drawn = rowsOf(one.lane).some((row) => row[0] === (one.row === GONE ? STATE : one.row)) || (one.row === WINDOW && tall(one.lane));
      if (!drawn && filter.kind < 0) {
        if (turned.has(one.lane)) turned.delete(one.lane);
        else turned.add(one.lane);
        arrange();
      }
      const told = describe(one);
      if (!quiet) by("live").textContent = `${told.name}. ${fill(words.item, told.kind, told.number, told.of)}. ${told.label}. ${told.when}. ${told.cited}`;
      if (pinned) pin();
    }
    remember();
    ask();
  }

  /** Into view, in time and from top to bottom. */
  function reveal() {
    if (!selected) return;
    const row = lanes[selected.lane].rows[selected.row], from = row.from[selected.item], to = row.to[selected.item];
    if (to < view.from || from > view.to) look(panned(view, ((from + Math.min(to, from + view.to - view.from)) / 2 - (view.from + view.to) / 2) / (view.to - view.from), axis));
    const at = shown.indexOf(selected.lane);
    if (at < 0) return;
    const room = height - AXIS;
    if (tops[at] < scroll.scrollTop || tops[at + 1] - tops[at] > room) scroll.scrollTop = tops[at];
    else if (tops[at + 1] > scroll.scrollTop + room) scroll.scrollTop = tops[at + 1] - room;
  }

  /** Around an item, with its removal window if it is a re-download. @param {Item} one */
  function around(one) {
    const lane = lanes[one.lane], row = lane.rows[one.row], again = row.again[one.item];
    let from = row.from[one.item], to = row.to[one.item];
    if (again >= 0) {
      const windows = lane.rows[WINDOW];
      const at = windows.again.indexOf(again);
      if (at >= 0) [from, to] = [Math.min(from, windows.from[at]), Math.max(to, windows.to[at])];
    }
    const air = Math.max((to - from) * 0.5, 2 * HOUR);
    return { from: from - air, to: to + air };
  }

  /** The panel below, with all about the selection. */
  function pin() {
    if (!selected) return;
    const box = by("pinned"), one = selected;
    pinned = true;
    hideTip();
    const told = tell(box, one, 0);
    box.querySelector(".lanes-when").textContent = `${told.when} · ${told.isoText}`;
    const links = element("p", undefined, "lanes-links");
    /** @param {string} text @param {string} href */
    const link = (text, href) => {
      const anchor = /** @type {HTMLAnchorElement} */ (element("a", text));
      anchor.href = href;
      links.append(anchor);
      return anchor;
    };
    if (lanes[one.lane].sick) {
      // Sections and re-downloads count in the order of the lanes.
      if (told.again >= 0 && document.getElementById(`p${one.lane}-r${told.again + 1}`)) link(words.proof, `#p${one.lane}-r${told.again + 1}`);
      link(words.proof_package, `#p${one.lane}`);
    }
    link(words.link, `#${print()}`);
    const close = /** @type {HTMLButtonElement} */ (element("button", words.close));
    close.type = "button";
    close.addEventListener("click", () => {
      select(null);
      canvas.focus();
    });
    links.append(close);
    box.append(links);
    box.hidden = false;
  }

  /** @param {number} step */
  function jump(step) {
    // All re-downloads that match, in the order of lanes and time.
    let lane = selected ? selected.lane : -1;
    if (selected && lane >= 0) {
      const row = lanes[lane].rows[VERDICT], only = matches[lane].rows[VERDICT];
      const time = lanes[lane].rows[selected.row].from[selected.item];
      const from = selected.row === VERDICT ? selected.item : step > 0 ? first(row.count, (at) => row.from[at] > time) - 1 : first(row.count, (at) => row.from[at] >= time);
      const item = beside(row, only, from, step);
      if (item >= 0) return go({ lane, row: VERDICT, item });
    } else if (step < 0) lane = lanes.length;
    for (lane += step; lane >= 0 && lane < lanes.length; lane += step) {
      const row = lanes[lane].rows[VERDICT], only = matches[lane].rows[VERDICT];
      const item = beside(row, only, step > 0 ? -1 : row.count, step);
      if (shown.includes(lane) && item >= 0) return go({ lane, row: VERDICT, item });
    }
    by("live").textContent = words.no_more;
  }

  /** Selects a re-download and shows it with its surroundings. @param {Item} one */
  function go(one) {
    select(one);
    look(around(one));
    reveal();
    if (!pinned) tipAtSelected();
  }

  /** @param {number} across @param {number} down */
  function step(across, down) {
    const middle = selected ? lanes[selected.lane].rows[selected.row].from[selected.item] : (view.from + view.to) / 2;
    if (selected && down === 0) {
      const row = lanes[selected.lane].rows[selected.row];
      const item = beside(row, matches[selected.lane].rows[selected.row], selected.item, across);
      if (item >= 0) choose({ ...selected, item });
      return;
    }
    let at = selected ? shown.indexOf(selected.lane) : -1, walk = selected ? WALK.indexOf(selected.row) : WALK.length;
    if (!selected && down < 0) return;
    for (;;) {
      walk += down;
      if (walk < 0 || walk >= WALK.length) {
        at += down;
        walk = down > 0 ? 0 : WALK.length - 1;
        if (at < 0 || at >= shown.length) return;
      }
      const lane = shown[at], row = WALK[walk];
      if (lanes[lane].rows[row].count === 0 || (filter.kind >= 0 && filter.kind !== row) || (!tall(lane) && row !== STATE)) continue;
      const item = nearest(lanes[lane].rows[row], matches[lane].rows[row], middle);
      if (item >= 0) return choose({ lane, row, item });
    }
  }

  /** @param {number} by lanes */
  function leap(by) {
    const at = selected ? shown.indexOf(selected.lane) + by : 0;
    const lane = shown[Math.min(Math.max(at, 0), shown.length - 1)];
    if (lane === undefined) return;
    const middle = selected ? lanes[selected.lane].rows[selected.row].from[selected.item] : (view.from + view.to) / 2;
    const same = selected && lanes[lane].rows[selected.row].count && (tall(lane) || selected.row === STATE) ? selected.row : STATE;
    const item = nearest(lanes[lane].rows[same], matches[lane].rows[same], middle);
    if (item >= 0) choose({ lane, row: same, item });
  }

  /** @param {Item} one */
  function choose(one) {
    select(one);
    reveal();
    if (!pinned) tipAtSelected();
  }

  /** @param {number} factor @param {number} [at] */
  const zoom = (factor, at) => {
    const chosen = selected ? lanes[selected.lane].rows[selected.row].from[selected.item] : NaN;
    const middle = chosen >= view.from && chosen <= view.to ? chosen : (view.from + view.to) / 2;
    look(zoomed(view, factor, at === undefined ? middle : at, axis));
    hideTip();
  };

  // ---- Filters

  /** @param {string} text */
  function search(text) {
    const labels = Uint8Array.from(data.labels, (one) => (one.toLowerCase().includes(text) ? 1 : 0));
    const lines = raw || [];
    const found = Uint8Array.from(places.file, (file, at) => (`${data.files[file]}:${places.line[at]}\n${lines[at] || ""}`.toLowerCase().includes(text) ? 1 : 0));
    return { labels, places: found };
  }

  function refilter() {
    matches = matching(lanes, filter, search);
    // What does not match any more cannot stay selected.
    if (selected && (matches[selected.lane].count === 0 || !allowed(selected))) select(null, true);
    arrange();
    const all = lanes.reduce((sum, lane) => sum + lane.rows.reduce((count, row) => count + row.count, 0), 0);
    const count = matches.reduce((sum, one) => sum + one.count, 0), whole = filter.lane < 0 && filter.verdict < 0 && filter.kind < 0 && !filter.text.trim();
    by("count").textContent = whole ? fill(words.count_all, all, lanes.length) : count ? fill(words.count, count, all, shown.length, lanes.length) : words.nothing;
    jumps();
    remember();
  }

  /** @param {Item} one */
  const allowed = (one) => {
    const only = matches[one.lane].rows[one.row];
    return !only || only[one.item] === 1;
  };

  /** @param {HTMLSelectElement} list @param {string} none @param {[string, string][]} options */
  function options(list, none, options) {
    list.textContent = "";
    for (const [value, text] of [["", none], ...options]) {
      const one = /** @type {HTMLOptionElement} */ (element("option", text));
      one.value = value;
      list.append(one);
    }
  }

  function jumps() {
    /** @type {[string, string][]} */
    const all = [];
    lanes.forEach((lane, number) => {
      const row = lane.rows[VERDICT];
      for (let item = 0; item < row.count; item++) {
        if (allowed({ lane: number, row: VERDICT, item })) all.push([`${number}.${item}`, `${lane.name}: ${iso(offsets, row.from[item]).slice(0, 19).replace("T", " ")}, ${data.verdicts[row.kind[item]].plain}`]);
      }
    });
    options(by("jump"), words.jump, all);
  }

  function controls() {
    options(by("package"), words.all_packages, lanes.map((lane, number) => [String(number), lane.server ? fill(words.on, lane.name, lane.server) : lane.name]));
    const occurs = data.verdicts.map((_, verdict) => lanes.some((lane) => lane.rows[VERDICT].kind.includes(verdict)));
    /** @type {[string, string][]} */
    const verdicts = data.verdicts.map((one) => [one.name, `${one.plain} (${one.name})`]);
    options(by("verdict"), words.all_verdicts, verdicts.filter((_, verdict) => occurs[verdict]));
    /** @type {[string, string][]} */
    const kinds = ROWS.map((name) => [name, words[name]]);
    options(by("kind"), words.all_kinds, kinds.filter((_, kind) => lanes.some((lane) => lane.rows[kind].count > 0)));
    const read = () => {
      filter = {
        lane: by("package").value === "" ? -1 : Number(by("package").value),
        verdict: data.verdicts.findIndex((one) => one.name === by("verdict").value),
        kind: ROWS.indexOf(by("kind").value),
        text: by("text").value,
      };
      refilter();
    };
    for (const name of ["package", "verdict", "kind"]) by(name).addEventListener("change", read);
    let timer = 0;
    by("text").addEventListener("input", () => {
      clearTimeout(timer);
      timer = window.setTimeout(read, 120);
    });
    by("jump").addEventListener("change", () => {
      const [lane, item] = by("jump").value.split(".").map(Number);
      if (by("jump").value) go({ lane, row: VERDICT, item });
      by("jump").value = "";
    });
    by("in").addEventListener("click", () => zoom(1.6));
    by("out").addEventListener("click", () => zoom(1 / 1.6));
    by("all").addEventListener("click", () => look(axis));
    by("next").addEventListener("click", () => jump(1));
    by("previous").addEventListener("click", () => jump(-1));
  }

  function showFilter() {
    by("package").value = filter.lane < 0 ? "" : String(filter.lane);
    by("verdict").value = filter.verdict < 0 ? "" : data.verdicts[filter.verdict].name;
    by("kind").value = filter.kind < 0 ? "" : ROWS[filter.kind];
    by("text").value = filter.text;
  }

  // ---- The address

  const print = () => printHash({ view, axis, selected, filter, offsets, verdicts: data.verdicts });
  let timer = 0;
  /** Browsers allow few changes of the address in a second. */
  function remember() {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const now = location.hash.slice(1), next = print();
      // Another part of the page is named there: it stays until something here is chosen.
      if (next === now || (!next && !/^[a-z]=/.test(now))) return;
      try {
        history.replaceState(null, "", next ? `#${next}` : "#timeline");
      } catch (error) { /* then the address stays as it is */ }
    }, 250);
  }

  /** @param {boolean} scrollTo */
  function obey(scrollTo) {
    const asked = parseHash(location.hash, { offsets, verdicts: data.verdicts, lanes });
    if (!asked) {
      clearTimeout(timer);
      // As it stands: the ids of the page need no escapes.
      const named = document.getElementById(location.hash.slice(1));
      if (named instanceof HTMLDetailsElement) named.open = true;
      return;
    }
    filter = asked.filter;
    showFilter();
    refilter();
    select(asked.selected && allowed(asked.selected) ? asked.selected : null, true);
    look(asked.view || (asked.selected ? around(asked.selected) : axis));
    if (selected) {
      const at = shown.indexOf(selected.lane);
      if (at >= 0) reveal();
      pin();
    }
    if (scrollTo) (document.getElementById("timeline") || root).scrollIntoView();
  }

  // ---- Hands

  canvas.addEventListener("keydown", (event) => {
    const what = action(event);
    if (!what) return;
    event.preventDefault();
    if (what === "left" && !selected) look(panned(view, -0.15, axis));
    else if (what === "right" && !selected) look(panned(view, 0.15, axis));
    else if (what === "left") step(-1, 0);
    else if (what === "right") step(1, 0);
    else if (what === "up") step(0, -1);
    else if (what === "down") step(0, 1);
    else if (what === "pan-left") look(panned(view, -0.15, axis));
    else if (what === "pan-right") look(panned(view, 0.15, axis));
    else if (what === "lane-up") leap(-1);
    else if (what === "lane-down") leap(1);
    else if (what === "in") zoom(1.6);
    else if (what === "out") zoom(1 / 1.6);
    else if (what === "begin") look({ from: axis.from, to: axis.from + view.to - view.from });
    else if (what === "end") look({ from: axis.to - (view.to - view.from), to: axis.to });
    else if (what === "all") look(axis);
    else if (what === "next") jump(1);
    else if (what === "previous") jump(-1);
    else if (what === "fold" && selected) fold(selected.lane);
    else if (what === "pin") {
      if (!selected) step(0, 1);
      pin();
    } else if (what === "escape") {
      if (pinned) {
        pinned = false;
        by("pinned").hidden = true;
      } else select(null);
    }
    if (what.startsWith("pan") || what === "begin" || what === "end" || what === "all") hideTip();
  });
  canvas.addEventListener("blur", hideTip);

  /** @param {number} lane */
  function fold(lane) {
    if (turned.has(lane)) turned.delete(lane);
    else turned.add(lane);
    arrange();
  }

  canvas.addEventListener("wheel", (event) => {
    const x = event.offsetX;
    // The page scrolls past the timeline; the wheel is the timeline's once it was clicked, or with Ctrl.
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    if (x < gutter && !event.ctrlKey) return;
    const before = view, size = event.deltaMode === 1 ? 30 : 1;
    const aside = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
    if (aside) look(panned(view, (aside * size) / plot(), axis));
    else zoom(Math.exp((-event.deltaY * size) / 320), atOf(x));
    // Where nothing is left to zoom out of, the wheel scrolls the page on.
    if (before.from !== view.from || before.to !== view.to) event.preventDefault();
  }, { passive: false });

  /** @type {{x: number, y: number, view: Range, moved: boolean} | null} */
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { x: event.offsetX, y: event.offsetY, view, moved: false };
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drag) {
      if (Math.abs(event.offsetX - drag.x) > 4) drag.moved = true;
      if (drag.moved && drag.x >= gutter) {
        hideTip();
        look(panned(drag.view, (drag.x - event.offsetX) / plot(), axis));
      }
      return;
    }
    const found = hit(event.offsetX, event.offsetY);
    canvas.style.cursor = found ? "pointer" : "grab";
    if (found && "item" in found) showTip(found, found.more, event.offsetX, event.offsetY);
    else hideTip();
  });
  canvas.addEventListener("pointerup", (event) => {
    const was = drag;
    drag = null;
    if (!was || was.moved) return;
    const found = hit(event.offsetX, event.offsetY);
    if (!found) return select(null);
    if (!("item" in found)) return event.offsetX < gutter || event.offsetY > AXIS ? fold(found.lane) : undefined;
    select({ lane: found.lane, row: found.row, item: found.item });
    pin();
  });
  canvas.addEventListener("pointercancel", () => { drag = null; });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("dblclick", (event) => {
    if (event.offsetX >= gutter) zoom(3, atOf(event.offsetX));
  });

  /** @type {{grip: number, at: number, view: Range} | null} which end is held: -1, 1, or 0 for the whole frame */
  let brush = null;
  /** @param {PointerEvent} event */
  const overviewAt = (event) => axis.from + (event.offsetX / Math.max(overview.clientWidth, 1)) * (axis.to - axis.from);
  overview.addEventListener("pointerdown", (event) => {
    const at = overviewAt(event), near = (8 / Math.max(overview.clientWidth, 1)) * (axis.to - axis.from);
    overview.setPointerCapture(event.pointerId);
    const grip = Math.abs(at - view.from) < near ? -1 : Math.abs(at - view.to) < near ? 1 : 0;
    // Outside the frame: it jumps there first.
    if (grip === 0 && (at < view.from || at > view.to)) look({ from: at - (view.to - view.from) / 2, to: at + (view.to - view.from) / 2 });
    brush = { grip, at, view };
  });
  overview.addEventListener("pointermove", (event) => {
    if (!brush) return;
    const by = overviewAt(event) - brush.at, held = brush.view;
    if (brush.grip < 0) look({ from: Math.min(held.from + by, held.to - CLOSEST), to: held.to });
    else if (brush.grip > 0) look({ from: held.from, to: Math.max(held.to + by, held.from + CLOSEST) });
    else look({ from: held.from + by, to: held.to + by });
  });
  for (const end of ["pointerup", "pointercancel"]) overview.addEventListener(end, () => { brush = null; });

  scroll.addEventListener("scroll", () => {
    hideTip();
    ask();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-again]") : null;
    const [, lane, again] = /^p(\d+)-r(\d+)$/.exec((link && link.getAttribute("data-again")) || "") || [];
    const item = lane && lanes[+lane] ? lanes[+lane].rows[VERDICT].again.indexOf(+again - 1) : -1;
    if (item < 0) return;
    event.preventDefault();
    filter = { lane: -1, verdict: -1, kind: -1, text: "" };
    showFilter();
    refilter();
    go({ lane: +lane, row: VERDICT, item });
    pin();
    (document.getElementById("timeline") || root).scrollIntoView();
    canvas.focus({ preventScroll: true });
  });
  window.addEventListener("hashchange", () => obey(true));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    theme();
    legend();
  });
  // A print of another width comes back as it was.
  new ResizeObserver(() => {
    if (scroll.clientWidth && scroll.clientWidth !== width) measure();
  }).observe(scroll);

  // ---- The first picture, then the raw lines

  root.hidden = false;
  matches = matching(lanes, filter, search);
  theme();
  arrange();
  draw();
  controls();
  legend();
  refilter();
  obey(location.hash.length > 1);
  await new Promise((done) => setTimeout(done, 0));
  const [texts, ...times] = await unpackAll(by("raw").textContent);
  raw = unpackTexts(texts, times);
  // Both blocks are read; the page need not hold them twice.
  by("data").remove();
  by("raw").remove();
  if (filter.text.trim()) refilter();
  if (pinned) pin();
  root.dataset.ready = "all";
}

performance.mark("lanes-start");
const root = /** @type {HTMLElement} */ (document.getElementById("lanes"));
// The picture gives way at once, so that the page does not jump later.
document.documentElement.classList.add("live");
start(root).catch((error) => {
  document.documentElement.classList.remove("live");
  root.hidden = true;
  /** @type {HTMLElement} */ (document.getElementById("lanes-failed")).hidden = false;
  // For whoever mends it; the reader has the sentence and the picture.
  console.error(error);
});
