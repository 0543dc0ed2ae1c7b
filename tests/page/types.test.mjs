// The very script of the page under the strict checks of TypeScript, by its JSDoc types.
import assert from "node:assert/strict";
import { test } from "node:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const checked = (script) => {
  const folder = mkdtempSync(join(tmpdir(), "pkgtrail-types-"));
  try {
    const file = join(folder, "lanes.js");
    writeFileSync(file, script);
    const options = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022", "--lib", "es2022,dom,dom.iterable"];
    const run = spawnSync(here("node_modules/.bin/tsc"), [...options, file], { encoding: "utf8" });
    return { status: run.status, told: run.stdout + run.stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
const script = ["lanes.js", "lanes_draw.js", "lanes_view.js"].map((name) => readFileSync(here(`../../src/render/html/${name}`), "utf8")).join("");

test("the script holds its types", () => {
  const { status, told } = checked(script);
  assert.equal(status, 0, told);
});

test("a wrong type would be seen", () => {
  const { status, told } = checked(`${script}\nsums("x");\n`);
  assert.notEqual(status, 0);
  assert.match(told, /not assignable/);
});

test("the script makes no markup and ends no element", () => {
  for (const wrong of ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "</"]) assert.ok(!script.includes(wrong), wrong);
});
