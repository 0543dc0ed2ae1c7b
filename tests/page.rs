//! `report.html` in a real browser: makes the pages and runs the tests in `tests/page/` on them.
//!
//! The pages are those of three samples, one with 100,000 spans, one with an attacker's text in
//! every field, and the same with harmless text. `tests/run` installs Node, Chromium and the
//! libraries; without them this test fails, because what nobody ran proves nothing.

use crate::fixture;
use crate::support::{pkgtrail, sample, text};
use pkgtrail::model::{
    Case, Moment, Observation, PackageCase, PackageId, Seen, SourceRef, State, StateSpan, Texts,
    Verdict, Window,
};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages of the large page, and spans of each.
const PACKAGES: u32 = 20;
const SPANS: u32 = 5_000;

#[test]
fn the_page_works_in_a_browser() {
    // `PKGTRAIL_LOOK` keeps the pages, `PKGTRAIL_SHOTS` the pictures, for people.
    let folder = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("PKGTRAIL_LOOK").map(PathBuf::from);
    let pages = kept.as_deref().unwrap_or(folder.path());
    std::fs::create_dir_all(pages).unwrap();
    for name in ["external-removal", "healthy", "undetermined"] {
        let out = pages.join(name);
        let arguments = ["report", "evidence", "-o", out.to_str().unwrap()];
        let run = pkgtrail(&sample(name), &arguments);
        assert!(run.status.success(), "{}", text(&run.stderr));
        std::fs::rename(out.join("report.html"), pages.join(format!("{name}.html"))).unwrap();
    }
    // As many texts, each its own: equal ones share rows of some tables.
    let harmless: Vec<String> = (0..payloads().len()).map(|one| format!("x{one}")).collect();
    for (name, case) in [
        ("large", large()),
        ("evil", filled(&payloads())),
        ("harmless", filled(&harmless)),
    ] {
        std::fs::write(
            pages.join(format!("{name}.html")),
            pkgtrail::render::html::page(&case),
        )
        .unwrap();
    }
    browser(
        &["script.test.mjs", "types.test.mjs", "browser.test.mjs"],
        pages,
    );
}

/// Runs tests of `tests/page/` on the pages in a folder.
pub fn browser(tests: &[&str], pages: &Path) {
    let page_tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page");
    let chromium = chromium();
    let ready = page_tests.join("node_modules/puppeteer-core").is_dir();
    let node = Command::new("node").arg("--version").output().is_ok();
    assert!(
        node && ready && chromium.is_some(),
        "the tests of the page need Node 20 or newer, Chromium and `npm ci` in tests/page; `tests/run` sets them up (node: {node}, libraries: {ready}, Chromium: {chromium:?})"
    );
    let run = Command::new("node")
        .args(["--test", "--test-reporter=spec"])
        .args(tests)
        .current_dir(&page_tests)
        .env("PKGTRAIL_PAGES", pages)
        .env("PKGTRAIL_CHROMIUM", chromium.unwrap_or_default())
        .output()
        .expect("node starts");
    println!("{}{}", text(&run.stdout), text(&run.stderr));
    assert!(run.status.success(), "the page fails; see above");
}

/// The first Chromium that starts; `PKGTRAIL_CHROMIUM` names another one.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("PKGTRAIL_CHROMIUM").map(PathBuf::from);
    let usual = ["chromium", "chromium-browser", "google-chrome"].map(|name| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = std::env::split_paths(&folders);
        folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
    });
    named.or_else(|| usual.into_iter().flatten().next())
}

/// What an attacker may write: each way to leave a context with each way to run or load something.
pub fn payloads() -> Vec<String> {
    let leave = [
        "",
        "\">",
        "'>",
        "</script>",
        "</style>",
        "</title>",
        "</textarea>",
        "-->",
        "]]>",
        "`;}",
    ];
    let act = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<iframe srcdoc='<script>parent.alert(1)</script>'>",
        "<a href=javascript:alert(1)>x</a>",
        "<link rel=stylesheet href=http://evil.example/x.css>",
        "<meta http-equiv=refresh content=0;url=http://evil.example>",
        "<object data=http://evil.example/x.swf>",
        "<form action=http://evil.example><button formaction=javascript:alert(1)>",
        "\" onload=alert(1) style=background:url(http://evil.example/i.png) x=\"",
    ];
    let all = leave.iter().flat_map(|leave| {
        let both = act.iter().map(move |act| format!("{leave}{act}"));
        both.map(|text| format!("{text}\u{202e}\0{{{{7*7}}}}${{alert(1)}}"))
    });
    all.collect()
}

/// A package for each text, and each text in every field that evidence can fill.
fn filled(texts: &[String]) -> Case {
    let mut case = fixture::filled_case(&texts.join(" "));
    let kinds = case.packages.clone();
    let mut quotes = (*case.quotes).clone();
    for (number, text) in texts.iter().enumerate() {
        let filled = fixture::filled_case(text);
        let mut one = filled.packages[number % kinds.len()].clone();
        one.id = PackageId(0x7000 + number as u128);
        case.packages.push(one);
        let place = number % case.evidence.len();
        case.evidence[place].path = text.clone();
        if let Some(quote) = quotes.values_mut().nth(number) {
            quote.clone_from(text);
        }
    }
    case.quotes = Texts::new(quotes);
    case
}

/// Twenty packages with 5,000 spans, 1,000 sights and 40 re-downloads each, every place with its
/// raw line.
fn large() -> Case {
    let mut case = fixture::case();
    let again = case.packages[0].clone();
    let begin = fixture::at("2026-06-01 00:00:00");
    case.packages.clear();
    let mut quotes = (*case.quotes).clone();
    for number in 0..PACKAGES {
        let name = format!("Large package number {number}");
        let package = large_package(number, begin, fixture::package(number, &name), &again);
        let spans = package
            .spans
            .iter()
            .map(|one| (one.source, one.state.name()));
        let seen = package.observations.iter();
        let seen = seen.map(|one| (one.source, "files were read"));
        for (source, what) in spans.chain(seen) {
            let line = format!(
                "2026-06-01 00:00:00 [Package Delivery] Package {{{}}}: status changed to {what}, record {}",
                package.id, source.line
            );
            quotes.insert(source, line);
        }
        case.packages.push(package);
    }
    case.quotes = Texts::new(quotes);
    case.period = Some((begin, later(begin, i64::from(SPANS) * 600_000)));
    case
}

fn later(at: Moment, by: i64) -> Moment {
    Moment {
        start: at.start + by,
        end: at.end + by,
        ..at
    }
}

fn large_package(
    number: u32,
    begin: Moment,
    mut package: PackageCase,
    again: &PackageCase,
) -> PackageCase {
    let states = [
        State::Ready,
        State::Downloading,
        State::Ready,
        State::Pending,
        State::Retrying,
    ];
    let line =
        |place: u32| -> SourceRef { fixture::source(number % 3, number * 10_000 + place + 1) };
    let at = |place: u32| {
        later(
            begin,
            i64::from(place) * 600_000 + i64::from(number) * 17_000,
        )
    };
    package.spans = (0..SPANS)
        .map(|place| StateSpan {
            // One span of the whole page is Deleted: it must be seen.
            state: match (number, place) {
                (7, 2_500) => State::Deleted,
                _ => states[(place as usize + number as usize) % states.len()],
            },
            from: at(place),
            to: at(place + 1),
            source: line(place),
        })
        .collect();
    package.observations = (0..1_000)
        .map(|place| Observation {
            at: at(place * 5),
            until: at(place * 5),
            seen: match place % 3 {
                0 => Seen::FilesThere,
                1 => Seen::SnapshotUnchanged { version: Some(7) },
                _ => Seen::Failed { code: Some(5) },
            },
            records: 1,
            source: line(place + SPANS),
        })
        .collect();
    for place in 0..41 {
        let mut download = again.downloads[0].clone();
        download.started = at(place * 120 + 1);
        download.completed = Some(at(place * 120 + 2));
        download.source = line(place * 120 + 1);
        for attempt in &mut download.attempts {
            attempt.started = at(place * 120 + 1);
            attempt.ended = Some(at(place * 120 + 2));
        }
        package.downloads.push(download);
        if place > 0 {
            let mut one = again.redownloads[0].clone();
            one.download = place as usize;
            one.started_at = at(place * 120 + 1);
            one.verdict = Verdict::ALL[place as usize % Verdict::ALL.len()];
            one.window = Some(Window {
                after: at(place * 120 - 9),
                before: at(place * 120 - 2),
            });
            package.redownloads.push(one);
        }
    }
    package
}
