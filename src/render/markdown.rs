//! `summary.md`: the case in a form that is pasted into a ticket.
//!
//! Tickets render Markdown in many dialects, so text from evidence is escaped against all of them:
//! no markup, no link, no mention and no HTML can come out of it. The text is kept to about 200
//! lines by the caps below; what does not fit is counted and said to be in the report.

use super::argument::{Argument, Point, argument, raw_first};
use super::missing::{asked, serves};
use super::text::{clean_case, shorten};
use super::{Health, health, reading_order, words};
use crate::model::{Case, MissingEvidence, PackageCase, Redownload, SourceRef, Verdict};

/// Packages with a headline.
const HEADLINES: usize = 20;
/// Rows of the table of re-downloads.
const ROWS: usize = 40;
/// Lines for reasons and rivals together.
const DETAILS: usize = 85;
/// Rows of missing evidence, of problems.
const MISSING: usize = 15;
const PROBLEMS: usize = 10;
/// Findings beside the re-downloads.
const FINDINGS: usize = 12;
/// Characters of one text before its middle goes; places named for one reason.
const TEXT: usize = 400;
/// The same for a headline: name and answer must both be left.
const HEADLINE: usize = 900;
const PLACES: usize = 3;
/// Characters of a command.
const COMMAND: usize = 1500;

/// The summary, ending with a line feed.
pub fn summary(case: &Case) -> String {
    let case = &clean_case(case);
    let order = reading_order(case);
    let sick: Vec<&PackageCase> = order
        .into_iter()
        .filter(|one| health(one) == Health::Sick)
        .collect();
    let mut out = vec![
        format!("# {}", escape(&words::report_title(case))),
        String::new(),
    ];
    headlines(case, &sick, &mut out);
    out.push(format!("- Server: {}", escape(&words::server_list(case))));
    out.push(format!("- Period: {}", escape(&words::period(case))));
    out.push(format!("- Time zone: {}", escape(&words::zone(&case.zone))));
    out.push(format!("- Problems: {}", words::problems(case)));
    let again: Vec<(&PackageCase, &Redownload)> = sick
        .iter()
        .flat_map(|package| package.redownloads.iter().map(move |one| (*package, one)))
        .collect();
    redownloads(case, &again, &mut out);
    details(case, &again, &mut out);
    findings(case, &mut out);
    missing(case, &sick, &mut out);
    problems(case, &mut out);
    out.push(String::new());
    out.push(format!("{}. {}", words::TOOL, words::WHERE_THE_PROOF_IS));
    out.join("\n") + "\n"
}

/// `and 12 re-downloads more, in report.html`.
fn left_out(count: usize, what: &str) -> String {
    format!("… and {} more, in report.html.", words::count(count, what))
}

fn headlines(case: &Case, sick: &[&PackageCase], out: &mut Vec<String>) {
    for package in sick.iter().take(HEADLINES) {
        out.push(format!(
            "- **{}**",
            escape(&shorten(&words::headline(case, package), HEADLINE))
        ));
    }
    if sick.len() > HEADLINES {
        out.push(format!("- {}", left_out(sick.len() - HEADLINES, "package")));
    }
    if !sick.is_empty() {
        out.push(String::new());
    }
    let others = words::others(case);
    let nothing = case
        .packages
        .is_empty()
        .then(|| words::NO_PACKAGE.to_owned());
    for text in [others, nothing].into_iter().flatten() {
        out.extend([text, String::new()]);
    }
}

fn redownloads(case: &Case, again: &[(&PackageCase, &Redownload)], out: &mut Vec<String>) {
    if again.is_empty() {
        return;
    }
    section("Re-downloads", out);
    out.push("| Package | Started | Verdict | Grade | Files removed |".to_owned());
    out.push("|---|---|---|---|---|".to_owned());
    for (package, one) in again.iter().take(ROWS) {
        let window = one
            .window
            .as_ref()
            .map_or_else(|| "–".to_owned(), words::window);
        let grade = match one.verdict {
            Verdict::Undetermined => "–",
            _ => one.grade.name(),
        };
        let assumed = if one.assumed_wording {
            " (assumed wording)"
        } else {
            ""
        };
        out.push(format!(
            "| {} | {} | {} | {grade}{assumed} | {window} |",
            escape(&shorten(&words::full_title(case, package), 80)),
            words::full(&one.started_at),
            one.verdict.name(),
        ));
    }
    if again.len() > ROWS {
        out.push(String::new());
        out.push(left_out(again.len() - ROWS, "re-download"));
    }
}

fn details(case: &Case, again: &[(&PackageCase, &Redownload)], out: &mut Vec<String>) {
    if again.is_empty() {
        return;
    }
    section("Why", out);
    if again.iter().any(|(_, one)| one.assumed_wording) {
        out.extend([words::ASSUMED_IN_TEXT.to_owned(), String::new()]);
    }
    let end = out.len() + DETAILS;
    // Those that are told in full: a later one like it is told by what differs.
    let mut told: Vec<(&PackageCase, &Redownload, Argument)> = vec![];
    for (place, (package, one)) in again.iter().enumerate() {
        let grade = match one.verdict {
            Verdict::Undetermined => String::new(),
            _ => format!(" ({})", one.grade.name()),
        };
        let mut block = vec![format!(
            "- **{}, {}: {}{grade}**. {}",
            escape(&shorten(&words::full_title(case, package), 80)),
            words::second(&one.started_at),
            words::verdict(one.verdict).plain,
            escape(&limited(&one.summary)),
        )];
        let argument = argument(case, one);
        let model = told.iter().find(|(of, first, points)| {
            std::ptr::eq(*of, *package)
                && (first.verdict, first.grade) == (one.verdict, one.grade)
                && is_alike(points, &argument)
        });
        if let Some((_, first, points)) = model {
            block.extend(differences(case, first, points, &argument));
        } else {
            block.extend(in_full(case, &argument));
            told.push((*package, *one, argument));
        }
        // A re-download is told whole or not at all; the first is told however long.
        if place > 0 && out.len() + block.len() > end {
            out.push(format!(
                "- {}",
                left_out(again.len() - place, "re-download")
            ));
            return;
        }
        out.append(&mut block);
    }
}

/// Every point of the argument, one line each: what is known, what is ruled out, what is open.
fn in_full(case: &Case, argument: &Argument) -> Vec<String> {
    let mut lines = vec![];
    for point in &argument.known {
        // A reason that is also what rules a rival out is told once.
        let rival = argument.ruled_out.iter().find(|one| is_same(one, point));
        lines.push(line(case, "", point, rival));
    }
    for point in &argument.ruled_out {
        if !argument.known.iter().any(|one| is_same(one, point)) {
            lines.push(line(case, "Not ", point, None));
        }
    }
    for point in &argument.open {
        lines.push(line(case, "Cannot tell whether ", point, None));
    }
    lines
}

fn is_same(one: &Point, other: &Point) -> bool {
    one.text == other.text && one.sources == other.sources
}

fn line(case: &Case, said: &str, point: &Point, rival: Option<&Point>) -> String {
    let mut start = String::new();
    if !point.causes.is_empty() {
        start = format!("{said}{}: ", causes(&point.causes, "or"));
    }
    let rules_out = rival.map_or_else(String::new, |rival| {
        format!(" This rules out {}.", causes(&rival.causes, "and"))
    });
    format!(
        "  - {start}{}{rules_out}{}",
        escape(&limited(point.text)),
        places(case, &point.sources)
    )
}

/// `interrupted-download, access-denied or source-unavailable`.
fn causes(causes: &[Verdict], last: &str) -> String {
    let names: Vec<&str> = causes.iter().map(|one| one.name()).collect();
    match names.as_slice() {
        [first @ .., end] if !first.is_empty() => format!("{} {last} {end}", first.join(", ")),
        names => names.join(", "),
    }
}

/// Whether `later` can be told by what sets it apart from `first`: it speaks of the same causes,
/// and repeats every reason, but for numbers and at most one.
fn is_alike(first: &Argument, later: &Argument) -> bool {
    let of = |all: &Argument| -> Vec<Verdict> {
        let points = all.ruled_out.iter().chain(&all.open);
        points.flat_map(|one| one.causes.clone()).collect()
    };
    let spoken = of(later);
    of(first).iter().all(|cause| spoken.contains(cause)) && unrepeated(first, later).count() <= 1
}

/// The reasons of `first` that `later` does not give, not even with other numbers.
fn unrepeated<'a>(first: &'a Argument, later: &'a Argument) -> impl Iterator<Item = &'a Point<'a>> {
    let shape = |text: &str| text.replace(|one: char| one.is_ascii_digit(), "");
    first.known.iter().filter(move |point| {
        let like = |one: &Point| shape(one.text) == shape(point.text);
        !later.known.iter().any(like)
    })
}

/// What sets `later` apart from the one told in full: sentences of its own, then where the shared
/// ones are seen this time.
fn differences(case: &Case, first: &Redownload, told: &Argument, later: &Argument) -> Vec<String> {
    let (mut own, mut shared) = (Argument::default(), vec![]);
    let mut count = 0;
    let parts = [
        (&told.known, &later.known, &mut own.known),
        (&told.ruled_out, &later.ruled_out, &mut own.ruled_out),
        (&told.open, &later.open, &mut own.open),
    ];
    for (told, later, own) in parts {
        for point in later {
            let like = |one: &Point| (&one.causes, one.text) == (&point.causes, point.text);
            if told.iter().any(like) {
                count += 1;
                for source in &point.sources {
                    if !shared.contains(source) {
                        shared.push(*source);
                    }
                }
            } else {
                own.push(point.clone());
            }
        }
    }
    let mut lines = in_full(case, &own);
    let but = unrepeated(told, later)
        .next()
        .map_or_else(String::new, |point| {
            format!(" This is not repeated: “{}”", escape(&limited(point.text)))
        });
    if count > 0 {
        let again = match shared.as_slice() {
            [] => String::new(),
            shared => format!(
                " It is seen again for this download{}.",
                places(case, shared)
            ),
        };
        lines.push(format!(
            "  - All else is as for {}.{again}{but}",
            words::second(&first.started_at)
        ));
    }
    lines
}

/// What was noticed beside the re-downloads.
fn findings(case: &Case, out: &mut Vec<String>) {
    if case.findings.is_empty() {
        return;
    }
    section("Also noticed", out);
    for one in case.findings.iter().take(FINDINGS) {
        let assumed = if one.assumed { " (assumed)" } else { "" };
        out.push(format!(
            "- **{}**{assumed}: {} {}{}",
            one.kind,
            escape(&limited(&one.text)),
            escape(&one.advice),
            places(case, &one.sources)
        ));
    }
    if case.findings.len() > FINDINGS {
        let more = case.findings.len() - FINDINGS;
        out.push(format!("- {}", left_out(more, "finding")));
    }
    if case.findings.iter().any(|one| one.assumed) {
        out.extend([
            String::new(),
            "Assumed: it rests on wording or behaviour of the product that is not published."
                .to_owned(),
        ]);
    }
}

fn missing(case: &Case, sick: &[&PackageCase], out: &mut Vec<String>) {
    let rows = asked(sick);
    if rows.is_empty() {
        return;
    }
    section("What is missing, and how to collect it", out);
    out.extend([words::HOW_TO_COLLECT.to_owned(), String::new()]);
    out.push("| What is missing | Where | How | When |".to_owned());
    out.push("|---|---|---|---|".to_owned());
    for row in rows.iter().take(MISSING) {
        let MissingEvidence {
            what,
            place,
            steps,
            when,
            ..
        } = row.missing;
        let steps: Vec<String> = steps
            .iter()
            .enumerate()
            .map(|(place, step)| {
                let command = step
                    .command
                    .as_ref()
                    .map_or_else(String::new, |text| format!(": {}", command(text)));
                format!("{}. {}{command}", place + 1, escape(&limited(&step.what)))
            })
            .collect();
        out.push(format!(
            "| {} (for {}) | {} | {} | {} |",
            escape(&limited(what)),
            escape(&limited(&serves(case, row))),
            escape(&limited(place)),
            steps.join(" "),
            escape(&limited(when)),
        ));
    }
    if rows.len() > MISSING {
        out.push(String::new());
        out.push(left_out(rows.len() - MISSING, "row"));
    }
}

/// A command as code, whole or not at all: half of one is worse than none.
///
/// Code takes no escapes, so what would end it, or the cell of a table, is escaped as text instead.
fn command(text: &str) -> String {
    if text.chars().count() > COMMAND {
        return "see report.html".to_owned();
    }
    if text.contains(['`', '|']) {
        return escape(text);
    }
    format!("`{text}`")
}

fn problems(case: &Case, out: &mut Vec<String>) {
    if case.problems.is_empty() {
        return;
    }
    section("Problems", out);
    out.push(words::problems(case));
    out.push(String::new());
    let mut worst: Vec<_> = case.problems.iter().collect();
    worst.sort_by_key(|one| !one.lost);
    for one in worst.iter().take(PROBLEMS) {
        let lost = if one.lost { "**lost**: " } else { "" };
        out.push(format!("- {lost}{}", escape(&limited(&one.to_string()))));
    }
    if worst.len() > PROBLEMS {
        out.push(format!("- {}", left_out(worst.len() - PROBLEMS, "problem")));
    }
}

fn section(title: &str, out: &mut Vec<String>) {
    out.extend([String::new(), format!("## {title}"), String::new()]);
}

fn limited(text: &str) -> String {
    shorten(text, TEXT)
}

fn places(case: &Case, sources: &[SourceRef]) -> String {
    if sources.is_empty() {
        return String::new();
    }
    let named: Vec<String> = raw_first(case, sources)
        .iter()
        .take(PLACES)
        .map(|source| escape(&case.cite(*source)))
        .collect();
    if sources.len() > PLACES {
        let more = sources.len() - PLACES;
        return format!(" ({} and {more} more in report.html)", named.join(", "));
    }
    format!(" ({})", named.join(", "))
}

/// Text that every dialect of Markdown shows as it is written.
///
/// Backslashes and entities switch markup off. Addresses become links without any markup in many
/// dialects, whatever is escaped, so what makes an address (`://`, `www.`, `@`) is set as code,
/// which none of them looks into.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(one) = rest.chars().next() {
        let address = ["://", "@"].into_iter().find(|mark| rest.starts_with(mark));
        let address = address.or_else(|| {
            let www = rest.get(..4)?;
            www.eq_ignore_ascii_case("www.").then_some(www)
        });
        if let Some(mark) = address {
            // Two marks side by side share one code span; two spans would end each other.
            if out.ends_with('`') && !out.ends_with("\\`") {
                out.pop();
            } else {
                out.push('`');
            }
            out.push_str(mark);
            out.push('`');
            rest = &rest[mark.len()..];
            continue;
        }
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' | '{' | '}' => {
                out.push('\\');
                out.push(one);
            }
            one => out.push(one),
        }
        rest = &rest[one.len_utf8()..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::text::is_treacherous;
    use super::*;

    #[test]
    fn findings_are_told_with_advice_and_places_and_are_capped() {
        let mut case = fixture::case();
        assert!(!summary(&case).contains("Also noticed"));
        let one = crate::model::Finding {
            kind: "shared-folder",
            package: None,
            involved: vec![],
            server: None,
            at: None,
            text: "2 packages have *one* folder.".into(),
            advice: "Give each its own.".into(),
            sources: vec![case.packages[0].downloads[0].source],
            assumed: false,
        };
        let place = case.cite(one.sources[0]);
        case.findings = vec![one; FINDINGS + 2];
        let text = summary(&case);
        let line = format!(
            "- **shared-folder**: 2 packages have \\*one\\* folder. Give each its own. ({place})\n"
        );
        assert_eq!(text.matches(&line).count(), FINDINGS, "{text}");
        assert!(
            text.contains("and 2 findings more, in report.html") || text.contains("2 findings")
        );
        assert!(!text.contains("Assumed:"));
        case.findings.truncate(1);
        case.findings[0].assumed = true;
        assert!(summary(&case).contains("- **shared-folder** (assumed): "));
        assert!(summary(&case).contains("\nAssumed: "));
    }

    #[test]
    fn the_summary_reads_well() {
        let mut case = fixture::case();
        case.packages.remove(2);
        case.packages[0].redownloads.truncate(1);
        assert_eq!(
            summary(&case)
                .replace(words::TOOL, "TOOL")
                .replace(words::HOW_TO_COLLECT, "HOW_TO_COLLECT"),
            r##"# Why packages were downloaded again on PS01

- **Contoso VPN 4.1 was downloaded 4 times in 8 days. It never changed: its files were removed from outside between two downloads, some time between 2026-11-02 01:55 and 02:40. It was called Ready, but 2 listings found files missing, first at 2026-11-03 02:40 (12 of 12).**
- **Office Add-ins &lt;b&gt;2026&lt;/b&gt; was downloaded twice in 4 days. It really changed: a new version came before the re-download. The case is strong, not proven: one part of it was inferred, not observed.**

3 other packages are healthy: never downloaded again, no file seen missing.

- Server: PS01
- Period: 2026-10-28 00:00 to 2026-11-05 23:59
- Time zone: W. Europe Standard Time, UTC+01:00 (stated in the evidence)
- Problems: 2 problems in the evidence; 1 lost evidence.

## Re-downloads

| Package | Started | Verdict | Grade | Files removed |
|---|---|---|---|---|
| Contoso VPN 4.1 | 2026-11-02 03:00:05+01:00 | external-removal | proven | between 2026-11-02 01:55 and 02:40 |
| Office Add-ins &lt;b&gt;2026&lt;/b&gt; | 2026-10-31 14:02:11+01:00 | version-change | strong (assumed wording) | – |

## Why

How the product words its messages is not published; where the table says “assumed wording”, some of the cited records were recognised by an assumed pattern. report.html quotes the records: read them.

- **Contoso VPN 4.1, 2026-11-02 03:00:05: Files removed from outside (proven)**. All 12 files were gone at 02:40 on 2 November although the package was Ready; nothing about it had changed.
  - The earlier download was complete: 100 %, then Ready. (bundle/Agent.log:920, bundle/Agent.log:921)
  - At 02:40 the listing of the folder shows none of the 12 files that the snapshot lists. (bundle/listing-20261103-0240.txt:88)
  - All 61 of 61 blocks were downloaded again. (bundle/Agent.log:1000, bundle/Agent.log:1001, bundle/Agent.log:1002 and 6 more in report.html)
  - Not version-change: The version was 1601867730 before and after. (bundle/monday/snapshot.xml:2, bundle/old.zip!very/deep/folder/with/a/long/name/and/more/of/it/\{1ec214b8-e862-44a9-b3a6-27d918d136a2\}/snapshot.xml:2)
  - Not product-cleanup: The log covers the window and shows no Deleted for this package. (bundle/Agent.log:970)
- **Office Add-ins &lt;b&gt;2026&lt;/b&gt;, 2026-10-31 14:02:11: New version (strong)**. The required version rose from 1601867730 to 1602958000.
  - The log states both versions side by side. (bundle/Agent.log:702)
  - Not external-removal: The new version came before the download. (bundle/Agent.log:702)

## What is missing, and how to collect it

HOW_TO_COLLECT

| What is missing | Where | How | When |
|---|---|---|---|
| who removed the files (for Contoso VPN 4.1 (2026-11-02 03:00)) | PS01, D:\\PkgShare\\ContosoVPN | 1. audit access to files: `auditpol /set /subcategory:"{0CCE921D-69AE-11D9-BED3-505054503030}" /success:enable` 2. export the log: `wevtutil epl Security security.evtx` | before 01:55 |

## Problems

2 problems in the evidence; 1 lost evidence.

- **lost**: bundle/old.zip!logs.7z: archive is damaged after 14 of 20 entries; 6 logs of October are not considered
- bundle/Agent.log:3: record cut at the start of the file; its event is lost

TOOL. The whole proof, with quoted records and file hashes, is in report.html.
"##
        );
    }

    #[test]
    fn a_later_redownload_of_the_same_kind_is_told_by_what_differs() {
        let mut case = fixture::case();
        case.packages.truncate(1);
        let package = &mut case.packages[0];
        package.redownloads.truncate(3);
        // The second has a reason more, and its first one reads otherwise.
        let reasons = &mut package.redownloads[1].reasons;
        reasons.remove(0);
        reasons[1].text = "All 60 of 60 blocks were downloaded again.".into();
        reasons.push(crate::model::Reason {
            text: "The log names 12 files that cannot be found.".into(),
            sources: vec![fixture::source(0, 1190)],
        });
        // The third does not rule out what the first does, so it is told in full.
        package.redownloads[2].ruled_out.truncate(1);
        let rival = package.redownloads[2].ruled_out[0].clone();
        let why = summary(&case);
        let why = why.split("## Why\n\n").nth(1).unwrap();
        let blocks: Vec<&str> = why.split("- **").collect();
        assert_eq!(
            blocks[2],
            "Contoso VPN 4.1, 2026-11-03 03:00:05: Files removed from outside (proven)**. All 12 files were gone at 02:40 on 3 November although the package was Ready; nothing about it had changed.
  - All 60 of 60 blocks were downloaded again. (bundle/Agent.log:1204, bundle/Agent.log:1205, bundle/Agent.log:1206 and 6 more in report.html)
  - The log names 12 files that cannot be found. (bundle/Agent.log:1190)
  - All else is as for 2026-11-02 03:00:05. It is seen again for this download (bundle/listing-20261103-0240.txt:88, bundle/monday/snapshot.xml:2, bundle/old.zip!very/deep/folder/with/a/long/name/and/more/of/it/\\{1ec214b8-e862-44a9-b3a6-27d918d136a2\\}/snapshot.xml:2 and 1 more in report.html). This is not repeated: “The earlier download was complete: 100 %, then Ready.”
"
        );
        assert!(
            blocks[3].contains("  - All 61 of 61 blocks")
                && blocks[3].contains("Not version-change")
        );

        // A reason that is also why a rival falls is told once; doubts of one kind share a line.
        let one = &mut case.packages[0].redownloads[0];
        one.reasons.truncate(0);
        for verdict in [Verdict::PathChange, Verdict::HashChange] {
            one.doubts.push(crate::model::Doubt {
                verdict,
                text: "no log.".into(),
            });
        }
        one.reasons.push(crate::model::Reason {
            text: rival.text,
            sources: rival.sources,
        });
        case.packages[0].redownloads.truncate(1);
        let text = summary(&case);
        assert!(text.contains(
            "  - The version was 1601867730 before and after. This rules out version-change. ("
        ));
        assert!(text.contains("  - Cannot tell whether path-change or hash-change: no log.\n"));
        assert!(!text.contains("Not version-change"));
    }

    #[test]
    fn evidence_cannot_become_markup() {
        let text = summary(&fixture::evil_case());
        let mut before = ' ';
        for one in text.chars() {
            assert!(one == '\n' || !is_treacherous(one));
            assert!(!"<[]".contains(one) || before == '\\', "{one}");
            before = if before == '\\' { ' ' } else { one };
        }
        for address in ["http://", "www.evil", "a@evil"] {
            assert!(!text.contains(address), "{address}");
        }
        // Every row of a table still has its five, or four, cells.
        for row in text.lines().filter(|line| line.starts_with('|')) {
            let bars = row
                .replace("\\\\", "")
                .replace("\\|", "")
                .matches('|')
                .count();
            assert!(bars == 6 || bars == 5, "{row}");
        }
    }

    #[test]
    fn escapes_are_those_that_every_dialect_knows() {
        assert_eq!(escape(r"D:\a_b|c"), r"D:\\a\_b\|c");
        assert_eq!(escape("a`b`"), r"a\`b\`");
        assert_eq!(escape("http://WWW.x"), "http`://WWW.`x");
        assert_eq!(escape("`@@`"), "\\``@@`\\`");
        assert_eq!(escape("&lt; @here"), "&amp;lt; `@`here");
    }

    #[test]
    fn commands_are_code_or_escaped_text_but_never_cut() {
        assert_eq!(command(r"$f = 'D:\a_b'"), r"`$f = 'D:\a_b'`");
        // What would end the code or the cell is text.
        assert_eq!(command("a|b"), r"a\|b");
        assert_eq!(command("a`b <c>"), r"a\`b &lt;c&gt;");
        assert!(command(&"x".repeat(COMMAND)).starts_with("`xxx"));
        assert_eq!(command(&"x".repeat(COMMAND + 1)), "see report.html");
    }

    #[test]
    fn long_cases_stay_short_and_say_so() {
        let mut case = fixture::large_case(600);
        for package in &mut case.packages {
            let more = package.redownloads.clone();
            package.redownloads.extend(more);
            for one in &mut package.redownloads {
                for number in 0..200 {
                    let mut more = fixture::who(r"D:\x");
                    more.what = format!("thing {number}");
                    one.missing_evidence.push(more);
                }
            }
        }
        case.problems = vec![case.problems[0].clone(); 500];
        let text = summary(&case);
        assert!(text.lines().count() <= 210, "{}", text.lines().count());
        assert!(text.contains("more, in report.html"));
        summary(&Case::default());
    }
}
