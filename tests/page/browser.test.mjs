// report.html in a real Chromium, opened from file://. One browser for all tests.
// Speed is measured and printed, never asserted; what was done is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const pages = process.env.PKGTRAIL_PAGES;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Where pictures are kept for people, if anywhere. */
const shots = process.env.PKGTRAIL_SHOTS;
const profile = mkdtempSync(join(tmpdir(), "pkgtrail-browser-"));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let browser;
before(async () => {
  assert.ok(pages && process.env.PKGTRAIL_CHROMIUM, "run this by `cargo test --test all page`, which makes the pages");
  if (shots) mkdirSync(shots, { recursive: true });
  browser = await puppeteer.launch({ executablePath: process.env.PKGTRAIL_CHROMIUM, headless: true, pipe: true, userDataDir: profile, args: FLAGS });
});
after(async () => {
  if (browser) await browser.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** Opens a page, and at the end holds it to what every page must keep. */
async function open(name, { hash = "", dark = false, script = true, width = 1280, height = 900, ready = true } = {}, use) {
  const page = await browser.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) wrong.push(`request: ${request.url()}`);
  });
  try {
    await page.setViewport({ width, height });
    await page.setJavaScriptEnabled(script);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
    await page.evaluateOnNewDocument(() => {
      window.broken = [];
      document.addEventListener("securitypolicyviolation", (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
    await page.goto(pathToFileURL(join(pages, `${name}.html`)).href + hash, { waitUntil: "load", timeout: 120_000 });
    if (script && ready) await page.waitForSelector("#lanes[data-ready=all]", { timeout: 60_000 });
    const found = await use(page);
    if (script) wrong.push(...(await page.evaluate(() => window.broken)));
    assert.deepEqual(wrong, [], `${name}${hash}`);
    return found;
  } finally {
    await page.close();
  }
}

const text = (page, selector) => page.$eval(selector, (one) => one.textContent);
const shown = (page, selector) => page.$eval(selector, (one) => one.checkVisibility());
const range = (page) => text(page, "#lanes-range");
/** After the next picture. */
const drawn = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
/** What the canvas shows, as one number per picture. */
const picture = async (page) => {
  await drawn(page);
  return page.$eval("#lanes-canvas", (canvas) => canvas.toDataURL());
};
const box = async (page, selector) => (await page.$(selector)).boundingBox();
/** Scrolls the canvas into the window and gives its place. */
async function canvas(page) {
  await page.$eval("#lanes-overview", (one) => one.scrollIntoView());
  return box(page, "#lanes-canvas");
}
const address = (page) => page.evaluate(() => location.hash);
/** The address once it names what `found` wants: it is written with a little delay. */
const addressed = async (page, found) => {
  await page.waitForFunction((source) => new RegExp(source).test(location.hash), { timeout: 5_000 }, found.source);
  return address(page);
};
/** Share of pixels that are not the background. */
const painted = (page, selector) =>
  page.$eval(selector, (canvas) => {
    // Of a copy: to read the canvas itself would change how the browser keeps it.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    let other = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at] !== data[0] || data[at + 1] !== data[1] || data[at + 2] !== data[2]) other++;
    return other / (data.length / 4);
  });
const keys = async (page, ...names) => {
  await page.focus("#lanes-canvas");
  for (const name of names) await page.keyboard.press(name);
  await drawn(page);
};
const shot = async (page, name, options = {}) => {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`), ...options });
};

test("the first screen has the answer, and the timeline is painted", () =>
  open("external-removal", {}, async (page) => {
    await shot(page, "first-screen");
    assert.match(await text(page, "h1"), /Why packages were downloaded again/);
    assert.match(await text(page, "#answer"), /Nordwind Drawing Suite 11.*downloaded/s);
    assert.ok((await painted(page, "#lanes-canvas")) > 0.1);
    assert.ok((await painted(page, "#lanes-overview")) > 0.1);
    assert.equal(await shown(page, "#timeline-picture"), false);
    assert.equal(await shown(page, "#lanes-failed"), false);
    assert.match(await range(page), /Shown: 9 February 2026, \d\d:\d\d:\d\d to 14 February 2026, \d\d:\d\d:\d\d\./);
    assert.match(await text(page, "#lanes-count"), /^In all: \d+ items in 7 lanes\.$/);
    assert.ok((await page.$$("#lanes-legend li")).length > 8);
    await page.$eval("#timeline", (one) => one.scrollIntoView());
    await shot(page, "timeline-light");
    const own = await page.evaluate(() => ["script:not([type])", "style", "#timeline-picture"].reduce((sum, one) => sum + document.querySelector(one).outerHTML.length, 0));
    assert.ok(own < 250 * 1024, `script, style and picture: ${own} bytes`);
    const size = statSync(join(pages, "external-removal.html")).size;
    console.log(`# page of external-removal: ${Math.round(size / 1024)} KiB, of which script, style and picture ${Math.round(own / 1024)} KiB`);
  }));

test("wheel, drag, overview and buttons change what is shown", () =>
  open("external-removal", {}, async (page) => {
    const whole = await range(page), place = await canvas(page);
    const views = [whole, await picture(page)];
    const changed = async (what) => {
      await drawn(page);
      const [next, image] = [await range(page), await picture(page)];
      assert.ok(!views.includes(next), `${what}: ${next}`);
      assert.ok(!views.includes(image), `${what}: the picture is the same`);
      views.push(next, image);
    };
    const [x, y] = [place.x + place.width / 2, place.y + 120];
    await page.mouse.move(x, y);
    await page.focus("#lanes-canvas");
    await page.mouse.wheel({ deltaY: -300 });
    await drawn(page);
    await changed("wheel");
    await page.mouse.down();
    await page.mouse.move(x - 150, y, { steps: 4 });
    await page.mouse.up();
    await changed("drag");
    assert.equal(await shown(page, "#lanes-pinned"), false, "a drag is no click");
    await page.keyboard.down("Shift");
    await page.mouse.wheel({ deltaY: 60 });
    await page.keyboard.up("Shift");
    await drawn(page);
    await changed("Shift and wheel");
    await page.click("#lanes-in");
    await changed("button");
    await page.click("#lanes-all");
    await drawn(page);
    assert.equal(await range(page), whole);
    // The right end of the frame to the middle, then the frame to the right.
    const strip = await box(page, "#lanes-overview");
    const drag = async (from, to) => {
      await page.mouse.move(strip.x + from, strip.y + 20);
      await page.mouse.down();
      await page.mouse.move(strip.x + to, strip.y + 20, { steps: 4 });
      await page.mouse.up();
    };
    await drag(strip.width - 3, strip.width / 2);
    await changed("right end of the frame");
    assert.equal((await range(page)).split(" to ")[0], whole.split(" to ")[0]);
    await drag(strip.width / 4, strip.width / 2);
    await changed("frame");
    assert.notEqual((await range(page)).split(" to ")[0], whole.split(" to ")[0]);
    await page.click("#lanes-in");
    await changed("button");
    await page.mouse.click(strip.x + 60, strip.y + 20);
    await changed("click beside the frame");
  }));

test("the wheel scrolls the page until the timeline is used, and where nothing is left to zoom out of", () =>
  open("external-removal", {}, async (page) => {
    const place = await canvas(page), whole = await range(page);
    await page.mouse.move(place.x + place.width / 2, place.y + 100);
    const top = await page.evaluate(() => scrollY);
    await page.mouse.wheel({ deltaY: -60 });
    await page.waitForFunction((top) => scrollY < top, {}, top);
    assert.equal(await range(page), whole);
    await page.evaluate(() => document.querySelector("#lanes-canvas").focus({ preventScroll: true }));
    const again = await canvas(page), before = await page.evaluate(() => scrollY);
    await page.mouse.move(again.x + again.width / 2, again.y + 100);
    await page.mouse.wheel({ deltaY: 200 });
    await page.waitForFunction((before) => scrollY > before, {}, before);
    // Zooming does not.
    const still = await page.evaluate(() => new Promise((done) => setTimeout(() => done(scrollY), 300)));
    await page.mouse.wheel({ deltaY: -100 });
    await drawn(page);
    assert.equal(await page.evaluate(() => scrollY), still);
  }));

test("everything can be done by keyboard", () =>
  open("external-removal", {}, async (page) => {
    const whole = await range(page), live = () => text(page, "#lanes-live");
    await keys(page, "+");
    const near = await range(page);
    assert.notEqual(near, whole);
    await keys(page, "ArrowRight");
    assert.notEqual(await range(page), near, "without a selection, the arrows move in time");
    await keys(page, "0");
    assert.equal(await range(page), whole);
    await keys(page, "ArrowDown");
    const first = await live();
    assert.match(first, /Nordwind Drawing Suite 11.*Verdicts, \d of 3/);
    assert.equal(await shown(page, "#lanes-tip"), true);
    await keys(page, "ArrowRight");
    assert.match(await live(), /Verdicts, [23] of 3/);
    await keys(page, "ArrowLeft", "ArrowLeft", "ArrowLeft");
    assert.match(await live(), /Verdicts, 1 of 3/);
    await keys(page, "ArrowDown");
    assert.match(await live(), /Removal windows, \d of 3/);
    await keys(page, "ArrowDown");
    assert.match(await live(), /States, \d+ of \d+/);
    await keys(page, "ArrowUp");
    assert.match(await live(), /Removal windows/);
    await keys(page, "PageDown");
    assert.match(await live(), /Kestrel Label Printer 2\.6/);
    await keys(page, "PageUp");
    assert.match(await live(), /Nordwind/);
    await keys(page, "Enter");
    assert.equal(await shown(page, "#lanes-pinned"), true);
    assert.equal(await shown(page, "#lanes-tip"), false);
    await keys(page, "Escape");
    assert.equal(await shown(page, "#lanes-pinned"), false);
    await keys(page, "Escape");
    assert.equal(await live(), "Nothing selected.");
    await keys(page, "n");
    assert.match(await live(), /Verdicts, 1 of 3/);
    await keys(page, "n", "n", "n");
    assert.match(await live(), /Kestrel Label Printer 2\.6.*Verdicts, 1 of 2/, "the next lane follows");
    await keys(page, "p");
    assert.match(await live(), /Nordwind.*Verdicts, 3 of 3/);
    await keys(page, "n", "n", "n");
    assert.equal(await live(), "No more re-downloads in this direction.");
    await keys(page, "Home");
    assert.match(await range(page), /Shown: 9 February 2026/);
    await keys(page, "End");
    assert.match(await range(page), /to 14 February 2026/);
    // A healthy lane unfolds where something hidden in it is chosen, and by E.
    await keys(page, "0", "PageDown", "PageDown", "PageDown");
    const folded = await picture(page);
    await keys(page, "e");
    assert.notEqual(await picture(page), folded);
    // Tab leaves the timeline.
    await page.keyboard.press("Tab");
    assert.notEqual(await page.evaluate(() => document.activeElement.id), "lanes-canvas");
  }));

test("the tooltip shows the raw line with file and line; a click keeps it", () =>
  open("external-removal", {}, async (page) => {
    await page.select("#lanes-jump", await page.$eval("#lanes-jump option:nth-child(2)", (one) => one.value));
    await drawn(page);
    assert.match(await text(page, "#lanes-live"), /Verdicts, 1 of 3/);
    const place = await canvas(page), tip = await box(page, "#lanes-tip");
    assert.ok(tip.width > 100);
    // The mark stands where the selection's tip begins; look for it from left to right.
    let found = "";
    for (let x = 130; x < place.width && !found; x += 8) {
      await page.mouse.move(place.x + x, place.y + 66);
      const what = await page.$eval("#lanes-tip", (one) => (one.hidden ? "" : one.textContent));
      if (/Verdicts, 1 of 3/.test(what)) found = what;
    }
    assert.match(found, /Files removed from outside \(external-removal, proven\)/);
    assert.match(found, /\d+ February 2026, \d\d:\d\d:\d\d/);
    assert.match(found, /evidence\/Logs\/Agent\d?\.log:\d+/);
    // As it stands in the log.
    const raw = /^<event date='02\/11\/2026 06:30:03\.\d+ \+01:00' .*source='Package Delivery'.*tickCount='\d+' >\nPackage \{254973ae/i;
    assert.match(await text(page, "#lanes-tip pre"), raw);
    await page.mouse.down();
    await page.mouse.up();
    assert.equal(await shown(page, "#lanes-pinned"), true);
    assert.match(await text(page, "#lanes-pinned"), /2026-02-1\dT06:30:03\.\d+\+01:00/);
    assert.match(await text(page, "#lanes-pinned pre"), raw);
    // From here to the proof, and back.
    await page.click('#lanes-pinned a[href="#p0-r1"]');
    assert.equal(await address(page), "#p0-r1");
    await page.click('#p0-r2 a[data-again="p0-r2"]');
    assert.match(await addressed(page, /s=0\.verdict\.1/), /^#t=/);
    assert.match(await text(page, "#lanes-pinned"), /Verdicts, 2 of 3/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "lanes-canvas");
    await page.$eval("#timeline", (one) => one.scrollIntoView());
    await shot(page, "pinned-light");
    await page.click("#lanes-pinned button");
    assert.equal(await shown(page, "#lanes-pinned"), false);
  }));

test("each filter leaves what it names and says how much", () =>
  open("external-removal", {}, async (page) => {
    const count = async () => {
      await drawn(page);
      return text(page, "#lanes-count");
    };
    const all = await count(), image = await picture(page);
    await page.select("#lanes-package", "1");
    assert.match(await count(), /^\d+ of \d+ items in 1 of 7 lanes match\.$/);
    assert.notEqual(await picture(page), image);
    assert.equal((await page.$$("#lanes-jump option")).length, 3, "two re-downloads and the prompt");
    await page.select("#lanes-package", "");
    assert.equal(await count(), all);
    assert.equal(await picture(page), image);
    await page.select("#lanes-verdict", "external-removal");
    assert.match(await count(), /in 2 of 7 lanes match/);
    await page.select("#lanes-verdict", "");
    await page.select("#lanes-kind", "status");
    assert.match(await count(), /^\d+ of \d+ items in [1-7] of 7 lanes match/);
    await page.$eval("#timeline", (one) => one.scrollIntoView());
    await shot(page, "filtered-light");
    await page.select("#lanes-kind", "");
    await page.type("#lanes-text", "kestrel label");
    await page.waitForFunction(() => /in 1 of 7 lanes/.test(document.getElementById("lanes-count").textContent));
    await page.$eval("#lanes-text", (one) => (one.value = ""));
    // A raw line: only the text block has it.
    await page.type("#lanes-text", "beginning HTTP download");
    await page.waitForFunction(() => /items in 2 of 7 lanes match|items in 3 of 7 lanes match/.test(document.getElementById("lanes-count").textContent));
    await page.type("#lanes-text", " that nobody wrote");
    await page.waitForFunction(() => /^Nothing matches/.test(document.getElementById("lanes-count").textContent));
    await keys(page, "ArrowDown", "n", "PageDown", "Enter", "ArrowLeft");
    assert.equal(await shown(page, "#lanes-pinned"), false);
  }));

test("an address opens the same view in a new page", async () => {
  const seen = await open("external-removal", {}, async (page) => {
    await page.select("#lanes-verdict", "external-removal");
    await keys(page, "n", "n", "-", "Enter");
    const hash = await addressed(page, /s=0\.verdict\.1.*v=external-removal/);
    return { hash, range: await range(page), pinned: await text(page, "#lanes-pinned .lanes-where"), image: await picture(page) };
  });
  await open("external-removal", { hash: seen.hash }, async (page) => {
    assert.equal(await text(page, "#lanes-pinned .lanes-where"), seen.pinned);
    assert.equal(await range(page), seen.range);
    assert.equal(await page.$eval("#lanes-verdict", (one) => one.value), "external-removal");
    assert.equal(await address(page), seen.hash);
    // Another address in the same page: the browser's own keys.
    await page.evaluate(() => { location.hash = "#s=1.disk.0&p=1"; });
    await page.waitForFunction(() => /Kestrel.*Files on disk, 1 of/.test(document.getElementById("lanes-pinned").textContent));
    // An address of another part of the page is left alone, and unfolds it.
    await page.evaluate(() => { location.hash = "#p0-r1"; });
    await new Promise((done) => setTimeout(done, 400));
    assert.equal(await address(page), "#p0-r1");
  });
  for (const hash of ["#s=999.verdict.0&t=x/y&p=<b>&q=%E4%", "#%E4%", "#nothing"]) {
    await open("external-removal", { hash }, async (page) => {
      assert.equal(await shown(page, "#lanes-failed"), false, hash);
      assert.equal(await shown(page, "#lanes-pinned"), false);
      assert.match(await text(page, "#lanes-count"), /items in 7 lanes\.$/);
    });
  }
});

test("dark and light differ, and follow the reader's setting at once", () =>
  open("external-removal", { dark: true }, async (page) => {
    const corner = () =>
      page.$eval("#lanes-canvas", (canvas) => {
        const copy = new OffscreenCanvas(9, 9).getContext("2d", { willReadFrequently: true });
        copy.drawImage(canvas, 0, 0);
        return [...copy.getImageData(2, 2, 1, 1).data].slice(0, 3);
      });
    assert.deepEqual(await corner(), [20, 23, 26]);
    await page.$eval("#timeline", (one) => one.scrollIntoView());
    await shot(page, "timeline-dark");
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    await drawn(page);
    assert.deepEqual(await corner(), [255, 255, 255]);
  }));

test("without colour, no two states look alike", async () => {
  for (const name of ["external-removal", "large"]) {
    await open(name, { ready: name !== "large" }, async (page) => {
      await page.waitForSelector("#lanes[data-ready=all]", { timeout: 120_000 });
      const alike = await page.$$eval("#lanes-legend li", (all) => {
        const states = ["State unknown", "Assigned", "Download Pending", "Downloading", "Ready", "Retrying Download", "Deleted"];
        const samples = all.filter((one) => states.includes(one.textContent.trim())).map((one) => {
          const sample = one.querySelector("canvas"), copy = new OffscreenCanvas(30, 24).getContext("2d", { willReadFrequently: true });
          copy.fillStyle = "#fff";
          copy.fillRect(0, 0, 30, 24);
          copy.filter = "grayscale(1)";
          copy.drawImage(sample, 0, 0, 30, 24);
          return { label: one.textContent.trim(), grey: [...copy.getImageData(0, 0, 30, 24).data].filter((_, at) => at % 4 === 0) };
        });
        const found = [];
        for (const [at, one] of samples.entries()) {
          for (const other of samples.slice(at + 1)) {
            const apart = one.grey.reduce((sum, grey, pixel) => sum + Math.abs(grey - other.grey[pixel]), 0) / one.grey.length;
            if (apart < 12) found.push(`${one.label} and ${other.label}: ${apart.toFixed(1)} of 255`);
          }
        }
        return { count: samples.length, found };
      });
      assert.ok(alike.count >= 5);
      assert.deepEqual(alike.found, []);
    });
  }
});

test("no serious fault of accessibility, in both colours", async () => {
  for (const name of ["external-removal", "healthy", "undetermined"]) {
    for (const dark of [false, true]) {
      await open(name, { dark }, async (page) => {
        if (name !== "healthy") await keys(page, "n", "Enter");
        await page.$eval(".lanes-help", (one) => (one.open = true));
        // As the browser's own world, which the page's policy does not bind.
        const client = await page.createCDPSession();
        const { frameTree } = await client.send("Page.getFrameTree");
        const { executionContextId } = await client.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
        const run = async (expression) => {
          const { result, exceptionDetails } = await client.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
          assert.equal(exceptionDetails, undefined);
          return result.value;
        };
        await run(`${axe}; 0`);
        const { faults, passes } = await run(`axe.run(document).then((found) => ({
          faults: found.violations.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => one.id + ": " + one.nodes.slice(0, 3).map((node) => node.target + " " + node.failureSummary).join("; ")),
          passes: found.passes.length,
        }))`);
        assert.deepEqual(faults, [], `${name}, ${dark ? "dark" : "light"}`);
        assert.ok(passes > 20, "axe looked at the page");
      });
    }
  }
});

test("headings, landmarks and tables say what the picture shows", () =>
  open("external-removal", {}, async (page) => {
    const levels = await page.$$eval("h1, h2, h3, h4, h5", (all) => all.map((one) => Number(one.tagName[1])));
    assert.equal(levels.filter((one) => one === 1).length, 1);
    for (let at = 1; at < levels.length; at++) assert.ok(levels[at] <= levels[at - 1] + 1, `heading ${at}`);
    for (const landmark of ["header", "nav[aria-label]", "main", "footer"]) assert.equal((await page.$$(landmark)).length, 1, landmark);
    const tables = await page.$$eval("table", (all) => all.map((one) => Boolean(one.caption && one.tHead && one.querySelector("th[scope]"))));
    assert.ok(tables.length > 5 && tables.every(Boolean));
  }));

test("the print shows the picture and every section, on A4 and Letter", () =>
  open("external-removal", {}, async (page) => {
    await keys(page, "n", "Enter");
    await page.emulateMediaType("print");
    assert.equal(await shown(page, "#timeline-picture"), true);
    for (const gone of ["#lanes", "#lanes-canvas", "#lanes-pinned", "nav"]) assert.equal(await shown(page, gone), false, gone);
    const folded = await page.$$eval("details:not(.lanes-help) > :not(summary)", (all) => all.filter((one) => one.getBoundingClientRect().height === 0 && one.textContent.trim()).length);
    assert.equal(folded, 0, "what is folded on the screen stands open in print");
    const sections = await page.$$eval("main section", (all) => all.map((one) => one.getBoundingClientRect().height));
    assert.ok(sections.length > 5 && sections.every((one) => one > 20));
    await shot(page, "print", { fullPage: true });
    const sizes = [];
    for (const format of ["A4", "Letter"]) {
      const pdf = await page.pdf({ format, path: shots ? join(shots, `print-${format}.pdf`) : undefined });
      assert.equal(Buffer.from(pdf.slice(0, 5)).toString(), "%PDF-");
      sizes.push(pdf.length);
    }
    assert.ok(sizes.every((one) => one > 20_000), String(sizes));
    // And back on the screen the timeline is there again.
    await page.emulateMediaType("screen");
    await drawn(page);
    assert.equal(await shown(page, "#lanes-canvas"), true);
    assert.ok((await painted(page, "#lanes-canvas")) > 0.1);
  }));

test("without script the picture and the findings are there", () =>
  open("external-removal", { script: false }, async (page) => {
    // The checks look from outside the page: its own script is off.
    const tree = await page.accessibility.snapshot({ interestingOnly: false });
    const all = JSON.stringify(tree);
    assert.match(all, /Nordwind Drawing Suite 11 was downloaded/);
    assert.match(all, /Timeline of 7 packages/);
    assert.ok(!all.includes("Zoom in"), "controls that do nothing are not shown");
    await shot(page, "no-script");
  }));

test("a browser that cannot unpack keeps the picture and says why", async () => {
  const page = await browser.newPage();
  try {
    await page.evaluateOnNewDocument(() => { delete window.DecompressionStream; });
    await page.goto(pathToFileURL(join(pages, "external-removal.html")).href);
    await page.waitForSelector("#lanes-failed:not([hidden])");
    assert.equal(await shown(page, "#timeline-picture"), true);
    assert.equal(await shown(page, "#lanes"), false);
    assert.match(await text(page, "#lanes-failed"), /This browser cannot show the interactive timeline/);
  } finally {
    await page.close();
  }
});

test("a small window and a large one", async () => {
  await open("external-removal", { width: 390, height: 800 }, async (page) => {
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing sticks out");
    assert.ok((await painted(page, "#lanes-canvas")) > 0.05);
    await page.$eval("#timeline", (one) => one.scrollIntoView());
    await shot(page, "narrow");
    await page.setViewport({ width: 1600, height: 900 });
    await page.waitForFunction(() => document.getElementById("lanes-canvas").width > 700);
  });
});

test("what an attacker writes stays text, and asks for nothing", async () => {
  const names = (page) =>
    page.evaluate(() => {
      const all = {};
      for (const one of document.querySelectorAll("*")) {
        for (const key of [one.localName, ...one.getAttributeNames().map((name) => `${one.localName} ${name}`)]) all[key] = (all[key] || 0) + 1;
      }
      return all;
    });
  const look = async (page) => {
    for (let at = 0; at < 30; at++) await keys(page, "n");
    await keys(page, "Enter");
    const place = await canvas(page);
    for (let x = 120; x < place.width; x += 60) await page.mouse.move(place.x + x, place.y + 80);
    await page.type("#lanes-text", "alert(1)");
    await new Promise((done) => setTimeout(done, 300));
    await page.$eval("#lanes-text", (one) => { one.value = ""; one.dispatchEvent(new Event("input")); });
    await new Promise((done) => setTimeout(done, 300));
    await keys(page, "n", "Enter");
    return names(page);
  };
  const harmless = await open("harmless", {}, look);
  const evil = await open("evil", {}, async (page) => {
    const found = await look(page);
    assert.match(await page.$eval("body", (one) => one.textContent), /<img src=x onerror=alert\(1\)>/, "the payloads are in the page, as text");
    return found;
  });
  assert.deepEqual(evil, harmless, "elements and attributes of the two pages");
});

test("100,000 spans: each picture costs by its pixels, not by its spans", () =>
  open("large", { ready: false }, async (page) => {
    await page.waitForSelector("#lanes[data-ready=all]", { timeout: 120_000 });
    const { drawn: first, start, loaded } = await page.evaluate(() => {
      const timing = performance.getEntriesByType("navigation")[0];
      return { drawn: performance.getEntriesByName("lanes-drawn")[0].startTime, start: performance.getEntriesByName("lanes-start")[0].startTime, loaded: timing.domContentLoadedEventEnd };
    });
    assert.match(await text(page, "#lanes-count"), /^In all: 1\d\d,?\d\d\d items in 20 lanes\.$/);
    // One span of ten minutes in 35 days is Deleted: the worst state wins its pixels.
    await page.select("#lanes-package", "7");
    await drawn(page);
    const deleted = await page.$eval("#lanes-canvas", (canvas) => {
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
      copy.drawImage(canvas, 0, 0);
      const places = [];
      for (let x = 120; x < canvas.width; x++) {
        const { data } = copy.getImageData(x, 82, 1, 12);
        if ([...data].every((one, at) => one === [28, 32, 36, 255][at % 4])) places.push(x);
      }
      return { places, width: canvas.width };
    });
    assert.ok(deleted.places.length >= 1 && deleted.places.length <= 4, String(deleted.places));
    assert.ok(Math.abs(deleted.places[0] - (116 + (deleted.width - 116) / 2)) < 8, "in the middle of the period");
    await page.select("#lanes-package", "");
    await drawn(page);
    const measured = await page.evaluate(async () => {
      const kinds = ["fillRect", "strokeRect", "fill", "stroke", "fillText", "drawImage"];
      const calls = { count: 0 };
      for (const name of kinds) {
        const real = CanvasRenderingContext2D.prototype[name];
        CanvasRenderingContext2D.prototype[name] = function (...all) {
          calls.count++;
          return real.apply(this, all);
        };
      }
      const frames = () => Number(document.getElementById("lanes").dataset.frames);
      const canvas = document.getElementById("lanes-canvas"), steps = [], counts = [];
      canvas.scrollIntoView();
      canvas.focus();
      const press = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      for (const key of ["+", "+", "+", "+", "+", "ArrowRight", "-", "-", "-", "-", "-", "0", "End", "Home"]) {
        const before = frames(), begin = performance.now();
        calls.count = 0;
        press(key);
        await new Promise((done) => {
          const wait = () => (frames() > before ? done() : setTimeout(wait, 0));
          requestAnimationFrame(wait);
        });
        steps.push(performance.now() - begin);
        counts.push(calls.count);
      }
      return { steps, counts, width: canvas.clientWidth, height: canvas.clientHeight };
    });
    const size = statSync(join(pages, "large.html")).size;
    const steps = [...measured.steps].sort((one, two) => one - two), round = (one) => Math.round(one);
    console.log(`# large page: ${(size / 1048576).toFixed(1)} MiB; script reached at ${round(start)} ms, first picture at ${round(first)} ms (${round(first - start)} ms after the script began), whole document at ${round(loaded)} ms`);
    console.log(`# zoom step: median ${round(steps[steps.length >> 1])} ms, worst ${round(steps.at(-1))} ms; draw calls ${Math.min(...measured.counts)} to ${Math.max(...measured.counts)}`);
    // Rows of a lane times pixels bound the calls, whatever the number of spans.
    const lanes = Math.ceil(measured.height / 100) + 1;
    const most = lanes * (3 * measured.width + 1_200) + 500;
    assert.ok(Math.max(...measured.counts) < most, `${Math.max(...measured.counts)} calls, at most ${most}`);
    assert.ok(Math.min(...measured.counts) > 100);
    await shot(page, "large");
    // The raw line of any of them is at hand.
    await keys(page, "0", "ArrowDown", "PageDown", "Enter");
    assert.match(await text(page, "#lanes-pinned"), /Large package number 1/);
    assert.match(await text(page, "#lanes-pinned pre"), /./);
    const strip = await page.$("#lanes-scroll");
    await strip.evaluate((one) => { one.scrollTop = one.scrollHeight; });
    const end = await picture(page);
    await strip.evaluate((one) => { one.scrollTop = 0; });
    assert.notEqual(await picture(page), end, "lanes scroll");
  }));
