// @ts-check
// How single things of the timeline look: the lanes, the overview and the legend use the same.

/** Fill, pattern over it, colour of a name in it, and whether it is drawn calmly (lower, under the
 * rest): no two states differ in colour alone.
 * @type {Record<string, {fill: string, pattern?: string, border?: string, on: string, calm?: boolean}>} */
const STATES = {
  Unknown: { fill: "paper", border: "faint", on: "faint", calm: true },
  Assigned: { fill: "sky", pattern: "dots", on: "dark" },
  "Download Pending": { fill: "yellow", border: "faint", on: "dark" },
  Downloading: { fill: "blue", on: "onmark" },
  Ready: { fill: "green", on: "dark", calm: true },
  "Retrying Download": { fill: "orange", pattern: "hatch", on: "" },
  Invalid: { fill: "vermillion", pattern: "cross", on: "" },
  "Not Ready": { fill: "vermillion", pattern: "cross", on: "" },
  Deleted: { fill: "ink", on: "paper" },
};
/** Fill and letter of a verdict's mark. @type {Record<string, [string, string]>} */
const MARKS = { Circle: ["blue", "onmark"], Diamond: ["removal", "onmark"], Triangle: ["orange", "dark"], Square: ["purple", "dark"], Hexagon: ["grey", "onmark"] };
const COLOURS = ["paper", "band", "grid", "line", "ink", "faint", "dark", "light", "onmark", "sky", "yellow", "blue", "green", "orange", "vermillion", "removal", "tint", "purple", "grey"];
const FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";

/** Draws single things; the legend and the lanes use the same.
 * @param {CanvasRenderingContext2D} ctx @param {Record<string, string>} colours @param {Packed} data */
function painter(ctx, colours, data) {
  /** @param {number} size @param {(tile: CanvasRenderingContext2D) => void} paint */
  const tile = (size, paint) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const inner = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    paint(inner);
    return /** @type {CanvasPattern} */ (ctx.createPattern(canvas, "repeat"));
  };
  /** @param {string} colour @param {number} size @param {boolean} both @param {number} thick */
  const lines = (colour, size, both, thick) => tile(size, (inner) => {
    inner.strokeStyle = colour;
    inner.lineWidth = thick;
    inner.beginPath();
    for (const shift of [-size, 0, size]) {
      inner.moveTo(shift - 1, size + 1);
      inner.lineTo(shift + size + 1, -1);
      if (both) {
        inner.moveTo(shift - 1, -1);
        inner.lineTo(shift + size + 1, size + 1);
      }
    }
    inner.stroke();
  });
  /** Made when first needed: a sample of the legend needs one of them at most.
   * @type {Record<string, () => CanvasPattern>} */
  const makers = {
    hatch: () => lines(colours.dark, 6, false, 1.6),
    cross: () => lines(colours.light, 6, true, 1.1),
    window: () => lines(colours.vermillion, 6, false, 1.1),
    gap: () => lines(colours.paper, 6, false, 1.6),
    dots: () => tile(5, (inner) => {
      inner.fillStyle = colours.dark;
      inner.fillRect(1, 1, 1.6, 1.6);
    }),
  };
  /** @type {Record<string, CanvasPattern>} */
  const made = {};
  const pattern = (/** @type {string} */ name) => made[name] || (made[name] = makers[name]());
  /** @param {string | CanvasPattern} fill @param {number} left @param {number} top @param {number} right @param {number} bottom */
  const rect = (fill, left, top, right, bottom) => {
    ctx.fillStyle = fill;
    ctx.fillRect(left, top, right - left, bottom - top);
  };
  /** @param {string} colour @param {number} left @param {number} top @param {number} right @param {number} bottom */
  const frame = (colour, left, top, right, bottom) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1;
    ctx.strokeRect(left + 0.5, top + 0.5, Math.max(right - left - 1, 0.5), bottom - top - 1);
  };
  /** @param {[number, number][]} points */
  const outline = (points) => {
    ctx.beginPath();
    points.forEach(([x, y], at) => (at ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
    ctx.closePath();
  };
  /** @param {number} x @param {number} y @param {number} radius */
  const circle = (x, y, radius) => {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 7);
  };
  /** @param {string} fill @param {string} edge @param {number} thick */
  const finish = (fill, edge, thick) => {
    ctx.fillStyle = fill;
    ctx.fill();
    ctx.strokeStyle = edge;
    ctx.lineWidth = thick;
    ctx.stroke();
  };
  /** @param {string} text @param {number} x @param {number} y @param {string} colour @param {string} style @param {CanvasTextAlign} align */
  const write = (text, x, y, colour, style, align) => {
    ctx.font = `${style} ${FONT}`;
    ctx.fillStyle = colour;
    ctx.textAlign = align;
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y);
  };
  /** @param {string} colour @param {number} x @param {number} y @param {number} reach */
  const cross = (colour, x, y, reach) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(x - reach, y - reach);
    ctx.lineTo(x + reach, y + reach);
    ctx.moveTo(x + reach, y - reach);
    ctx.lineTo(x - reach, y + reach);
    ctx.stroke();
  };
  /** As in the picture. @type {Record<string, (x: number, y: number) => void>} */
  const glyphs = {
    // A sheet with lines.
    SnapshotCaptured: (x, y) => {
      rect(colours.paper, x - 5, y - 6, x + 5, y + 6);
      rect(colours.blue, x - 4, y - 5, x + 4, y + 5);
      for (const line of [-3, 0, 3]) rect(colours.paper, x - 2, y + line, x + 2, y + line + 1);
    },
    SnapshotTold: (x, y) => {
      outline([[x, y - 5], [x + 5, y], [x, y + 5], [x - 5, y]]);
      finish(colours.paper, colours.blue, 2);
    },
    StatusCaptured: (x, y) => {
      circle(x, y, 3.5);
      finish(colours.paper, colours.purple, 3);
    },
    FolderListed: (x, y) => {
      for (const line of [-4, -1, 2]) rect(colours.green, x - 5, y + line, x + 5, y + line + 2);
    },
    FilesThere: (x, y) => {
      outline([[x - 5, y], [x - 3, y - 2], [x - 1, y + 1], [x + 4, y - 5], [x + 6, y - 3], [x - 1, y + 5]]);
      ctx.fillStyle = colours.green;
      ctx.fill();
    },
    FilesMissing: (x, y) => {
      rect(colours.vermillion, x - 5, y - 5, x + 5, y + 5);
      cross(colours.paper, x, y, 3);
    },
    MetadataMissing: (x, y) => {
      circle(x, y, 4);
      finish(colours.paper, colours.vermillion, 2);
      ctx.beginPath();
      ctx.moveTo(x + 5, y - 5);
      ctx.lineTo(x - 5, y + 5);
      ctx.stroke();
    },
    Error: (x, y) => {
      outline([[x - 5.5, y - 4.5], [x + 5.5, y - 4.5], [x, y + 5]]);
      finish(colours.orange, colours.ink, 1.2);
    },
  };
  return {
    rect, frame, write, circle, finish,
    glyph: (/** @type {number} */ symbol, /** @type {number} */ x, /** @type {number} */ y) => (glyphs[data.symbols[symbol]] || glyphs.SnapshotTold)(x, y),
    /** A bar of a state between two heights. @param {number} state @param {number} left @param {number} right @param {number} top @param {number} bottom */
    state: (state, left, right, top, bottom) => {
      const look = STATES[data.states[state]] || STATES.Unknown;
      const less = look.calm ? (bottom - top) / 6 : 0;
      rect(colours[look.fill], left, top + less, right, bottom - less);
      if (look.pattern) rect(pattern(look.pattern), left, top, right, bottom);
      if (look.border && right - left > 2) frame(colours[look.border], left, top + less, right, bottom - less);
    },
    /** @param {number} left @param {number} right @param {number} top @param {number} bottom */
    window: (left, right, top, bottom) => {
      rect(colours.tint, left, top, right, bottom);
      rect(pattern("window"), left, top, right, bottom);
    },
    gap: (/** @type {number} */ left, /** @type {number} */ right, /** @type {number} */ top, /** @type {number} */ bottom) => rect(pattern("gap"), left, top, right, bottom),
    begin: (/** @type {number} */ x, /** @type {number} */ y) => {
      outline([[x, y - 5], [x + 4, y + 4], [x - 4, y + 4]]);
      finish(colours.ink, colours.paper, 0.6);
    },
    /** @param {number} outcome @param {number} x @param {number} y */
    end: (outcome, x, y) => {
      if (outcome === 1) return cross(colours.vermillion, x, y, 4);
      circle(x, y, outcome === 0 ? 4 : 3);
      finish(outcome === 0 ? colours.ink : colours.paper, outcome === 0 ? colours.paper : colours.ink, 1);
    },
    gone: (/** @type {number} */ x, /** @type {number} */ y) => {
      rect(colours.paper, x - 7, y - 7, x + 7, y + 7);
      frame(colours.ink, x - 7, y - 7, x + 7, y + 7);
      rect(colours.removal, x - 1, y - 5, x + 1, y + 2);
      rect(colours.removal, x - 1, y + 3, x + 1, y + 5);
    },
    /** @param {number} verdict @param {number} x @param {number} y */
    mark: (verdict, x, y) => {
      const { shape, letter } = data.verdicts[verdict], [fill, ink] = MARKS[shape];
      if (shape === "Circle") circle(x, y, 9.5);
      else if (shape === "Diamond") outline([[x, y - 11], [x + 11, y], [x, y + 11], [x - 11, y]]);
      else if (shape === "Triangle") outline([[x, y - 11], [x + 11.5, y + 8.5], [x - 11.5, y + 8.5]]);
      else if (shape === "Square") outline([[x - 8.5, y - 8.5], [x + 8.5, y - 8.5], [x + 8.5, y + 8.5], [x - 8.5, y + 8.5]]);
      else outline([[x - 5.5, y - 10], [x + 5.5, y - 10], [x + 10.5, y], [x + 5.5, y + 10], [x - 5.5, y + 10], [x - 10.5, y]]);
      finish(colours[fill], colours.paper, 1.4);
      write(letter, x, y + (shape === "Triangle" ? 2.5 : 0.5), colours[ink], "700 12px", "center");
    },
  };
}
