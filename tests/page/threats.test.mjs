// T17 in a real Chromium: the report of a bundle with an attacker's text wherever evidence has text,
// beside the report of the same bundle with harmless text.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const pages = process.env.PKGTRAIL_PAGES;
const profile = mkdtempSync(join(tmpdir(), "pkgtrail-threats-"));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** Attributes whose values lead somewhere or run. */
const LEADING = ["href", "src", "action", "formaction", "data", "srcdoc", "content", "http-equiv", "ping", "poster", "background", "xlink:href"];

let browser;
before(async () => {
  assert.ok(pages && process.env.PKGTRAIL_CHROMIUM, "run this by `cargo test --test all t17`, which makes the pages");
  browser = await puppeteer.launch({ executablePath: process.env.PKGTRAIL_CHROMIUM, headless: true, pipe: true, userDataDir: profile, args: FLAGS });
});
after(async () => {
  if (browser) await browser.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** Opens a page, unfolds and walks through it; gives its elements, attributes and text. */
async function look(name) {
  const page = await browser.newPage();
  const wrong = [];
  page.on("console", (message) => wrong.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    wrong.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => wrong.push(`request: ${request.url()}`));
  try {
    await page.evaluateOnNewDocument(() => {
      window.broken = [];
      document.addEventListener("securitypolicyviolation", (event) => window.broken.push(`${event.violatedDirective} ${event.blockedURI}`));
    });
    const own = pathToFileURL(join(pages, `${name}.html`)).href;
    await page.goto(own, { waitUntil: "load", timeout: 120_000 });
    await page.waitForSelector("#lanes[data-ready=all]", { timeout: 60_000 });
    await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
    await page.focus("#lanes-canvas");
    for (let at = 0; at < 20; at++) await page.keyboard.press("n");
    await page.keyboard.press("Enter");
    const place = await (await page.$("#lanes-canvas")).boundingBox();
    for (let x = 120; x < place.width; x += 60) await page.mouse.move(place.x + x, place.y + 80);
    await new Promise((done) => setTimeout(done, 300));
    const found = await page.evaluate((leading) => {
      const all = new Set();
      for (const one of document.querySelectorAll("*")) {
        all.add(one.localName);
        for (const attribute of one.attributes) {
          // A link leads to a place in the page; of other values that lead or run, each one counts.
          const inside = attribute.name === "href" && attribute.value.startsWith("#");
          const leads = leading.includes(attribute.name) || (attribute.name === "style" && attribute.value.includes("("));
          const value = leads ? (inside ? "=#" : `=${attribute.value}`) : "";
          all.add(`${one.localName} ${attribute.name}${value}`);
        }
      }
      return { all: [...all].sort(), text: document.body.textContent, broken: window.broken };
    }, LEADING);
    assert.deepEqual([...wrong.filter((one) => one !== `request: ${own}`), ...found.broken], [], name);
    return found;
  } finally {
    await page.close();
  }
}

test("no element, attribute, dialog or request comes from the evidence", async () => {
  const harmless = new Set((await look("harmless-bundle")).all);
  const evil = await look("evil-bundle");
  const added = evil.all.filter((one) => !harmless.has(one));
  assert.deepEqual(added, [], "elements and attributes that only the evil page has");
  for (const payload of ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", "<iframe srcdoc="])
    assert.ok(evil.text.includes(payload), `${payload} is in the page, as text`);
});
