//! The table that `pkgtrail report` prints: which package, how often, why, and how sure that is.

use super::text::{clean, clean_case, shorten};
use super::{Health, health, reading_order, servers, words};
use crate::model::{Case, Grade, PackageCase, Redownload, Verdict};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use std::ops::Range;

/// Narrowest width that is laid out for; a terminal that is narrower wraps.
const NARROWEST: usize = 60;
/// Sick packages in the table; thousands of lines help nobody, the report has them all.
const MOST: usize = 60;

/// What a part of the text says, for a terminal that shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Heading,
    Verdict(Verdict),
    /// Files missing while Ready.
    Missing,
    /// The weakest of a line.
    Grade(Grade),
}

/// Text whose parts have a tone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toned {
    pub text: String,
    /// Bytes of the text, in order, without overlap.
    pub marks: Vec<(Range<usize>, Tone)>,
}

/// The summary for a terminal `width` columns wide, without colours, ending with a line feed.
pub fn table(case: &Case, report_dir: Option<&str>, width: usize) -> String {
    toned(case, report_dir, width).text
}

/// The same, with its tones.
pub fn toned(case: &Case, report_dir: Option<&str>, width: usize) -> Toned {
    let case = &clean_case(case);
    let width = width.clamp(NARROWEST, 200);
    let several = servers(case).len() > 1;
    let order = reading_order(case);
    let sick: Vec<&PackageCase> = order
        .into_iter()
        .filter(|one| health(one) == Health::Sick)
        .collect();
    let mut out = String::new();
    let mut marks = Vec::new();
    if !sick.is_empty() {
        Toned { text: out, marks } = rows(&sick[..sick.len().min(MOST)], several, width);
        out.push_str("\n\n");
    }
    let mut lines = vec![];
    if sick.len() > MOST {
        lines.push(words::terminal::more(sick.len() - MOST));
    }
    if case.packages.is_empty() {
        lines.push(words::NO_PACKAGE.to_owned());
    }
    if sick
        .iter()
        .any(|package| package.redownloads.iter().any(assumed))
    {
        lines.push(words::ASSUMED_MARK.to_owned());
    }
    lines.extend(words::others(case));
    if !case.findings.is_empty() {
        lines.push(words::terminal::noticed(case.findings.len()));
    }
    lines.extend(words::narrowed(case).map(|text| words::terminal::narrowed(&text)));
    lines.push(words::problems(case));
    lines.push(words::terminal::zone(&words::zone(&case.zone)));
    if let Some(dir) = report_dir {
        let separator = if dir.contains('\\') && !dir.contains('/') {
            '\\'
        } else {
            '/'
        };
        let dir = clean(dir);
        let dir = dir.trim_end_matches(separator);
        let page = format!("{dir}{separator}report.html");
        lines.push(words::terminal::report(&page));
    }
    for line in lines {
        out += &wrapped(&line, width);
    }
    Toned { text: out, marks }
}

/// A line of the table.
struct Line {
    name: String,
    downloads: String,
    again: String,
    verdict: String,
    grade: String,
    tones: (Tone, Option<Tone>),
}

/// A table of the sick packages: one line for each verdict of a package.
fn rows(sick: &[&PackageCase], several_servers: bool, width: usize) -> Toned {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["Package", "Downloads", "Again", "Verdict", "Grade"]);
    let lines: Vec<Line> = sick
        .iter()
        .flat_map(|package| package_rows(package, several_servers))
        .collect();
    // What the other columns need is fixed, so that the name gets what is left.
    let widest = |cell: fn(&Line) -> &str, title: usize| {
        let cells = lines.iter().map(|line| cell(line).chars().count());
        cells.max().unwrap_or(0).max(title)
    };
    let others = widest(|line| &line.downloads, 9)
        + widest(|line| &line.again, 5)
        + widest(|line| &line.verdict, 7)
        + widest(|line| &line.grade, 5);
    let room = width.saturating_sub(others + 5 * 2).max(12);
    for line in &lines {
        let (downloads, again) = (&line.downloads, &line.again);
        let name = fit(&line.name, room);
        table.add_row([&name, downloads, again, &line.verdict, &line.grade]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut toned = Toned::default();
    for (row, text) in table.lines().enumerate() {
        let text = text.trim_end();
        if row > 0 {
            toned.text.push('\n');
        }
        let start = toned.text.len();
        toned.text += text;
        match row.checked_sub(1).map(|row| lines.get(row)) {
            None => toned.marks.push((start..toned.text.len(), Tone::Heading)),
            Some(line) => toned
                .marks
                .extend(line.into_iter().flat_map(|line| ends(line, text, start))),
        }
    }
    toned
}

/// Where verdict and grade stand in a printed line, which ends with them; `start` is its own place.
fn ends(line: &Line, text: &str, start: usize) -> Vec<(Range<usize>, Tone)> {
    let mut marks = Vec::new();
    let Some(before) = text.strip_suffix(line.grade.as_str()) else {
        return marks;
    };
    if let Some(tone) = line.tones.1 {
        marks.push((start + before.len()..start + text.len(), tone));
    }
    let before = before.trim_end();
    if before.ends_with(line.verdict.as_str()) {
        let end = start + before.len();
        marks.insert(0, (end - line.verdict.len()..end, line.tones.0));
    }
    marks
}

fn package_rows(package: &PackageCase, several_servers: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = words::tally(&package.redownloads)
        .into_iter()
        .map(|(verdict, times)| {
            let of_it = package
                .redownloads
                .iter()
                .filter(|one| one.verdict == verdict);
            Line {
                name: String::new(),
                downloads: String::new(),
                again: times.to_string(),
                verdict: verdict.name().to_owned(),
                grade: grades(package, verdict),
                tones: (
                    Tone::Verdict(verdict),
                    of_it.map(|one| one.grade).min().map(Tone::Grade),
                ),
            }
        })
        .collect();
    if !package.missing_while_ready.is_empty() {
        let times = package.missing_while_ready.len();
        lines.push(Line {
            name: String::new(),
            downloads: String::new(),
            again: String::new(),
            verdict: words::sheets::MISSING.to_owned(),
            grade: format!("in {}", words::count(times, "listing")),
            tones: (Tone::Missing, None),
        });
    }
    let mut name = words::title(package);
    if several_servers {
        let server = package.server.as_deref().unwrap_or("?");
        name = format!("{name} on {}", fit(server, 16));
    }
    if let Some(first) = lines.first_mut() {
        first.name = name;
        first.downloads = package.downloads.len().to_string();
    }
    lines
}

/// Whether a verdict is one at all, and rests on assumed wording.
fn assumed(one: &Redownload) -> bool {
    one.assumed_wording && one.verdict != Verdict::Undetermined
}

/// `proven`, or `likely to proven` where they differ.
fn grades(package: &PackageCase, verdict: Verdict) -> String {
    let of_it = || {
        package
            .redownloads
            .iter()
            .filter(|one| one.verdict == verdict)
            .map(|one| one.grade)
    };
    let grades = match (of_it().min(), of_it().max()) {
        (Some(least), Some(best)) if least != best => {
            format!("{} to {}", least.name(), best.name())
        }
        (least, _) => least.map_or_else(String::new, |only| only.name().to_owned()),
    };
    let assumed = package
        .redownloads
        .iter()
        .any(|one| one.verdict == verdict && assumed(one));
    grades + if assumed { "*" } else { "" }
}

/// How many columns of a terminal a text takes; wide characters take two.
fn columns(text: &str) -> usize {
    let mut probe = Table::new();
    probe.add_row([text]);
    let widths = probe.column_max_content_widths();
    widths.first().copied().map_or(0, usize::from)
}

/// Shortened in the middle until it takes at most `room` columns; wide characters take two.
///
/// ```
/// use pkgtrail::render::terminal::fit;
/// assert_eq!(fit("Contoso VPN Client 4.1", 11), "Conto…t 4.1");
/// assert_eq!(fit("漢字漢字漢字", 7), "漢字…字");
/// ```
pub fn fit(text: &str, room: usize) -> String {
    let mut most = text.chars().count().min(room);
    let mut shown = shorten(text, most);
    while most > 1 && columns(&shown) > room {
        most -= 1;
        shown = shorten(text, most);
    }
    shown
}

/// Broken between words at `width`; a word that is longer stays whole, so that a path can be copied.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let long = if word.is_ascii() {
            word.len()
        } else {
            columns(word)
        };
        if used > 0 && used + 1 + long > width {
            out.push('\n');
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out += word;
        used += long;
    }
    out + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::text::is_treacherous;
    use super::*;

    #[test]
    fn the_table_fits_eighty_columns() {
        assert_eq!(
            table(&fixture::case(), Some("bundle-report"), 80),
            r##"Package                  Downloads  Again  Verdict               Grade
Contoso VPN 4.1                  4      3  external-removal      proven
                                           missing while Ready   in 2 listings
Übersicht-A…sch Release          4      1  interrupted-download  proven
                                        1  operator-action       likely
                                        1  undetermined          undetermined
Office Add-…<b>2026</b>          2      1  version-change        strong*

* rests on log messages whose wording is assumed; the report quotes them.
3 other packages are healthy: never downloaded again, no file seen missing.
2 problems in the evidence; 1 lost evidence.
Time zone: W. Europe Standard Time, UTC+01:00 (stated in the evidence)
Report: bundle-report/report.html
"##
        );
    }

    #[test]
    fn findings_are_counted_and_none_is_not_told() {
        let mut case = fixture::case();
        assert!(!table(&case, None, 80).contains("Also noticed"));
        case.findings = vec![crate::model::Finding {
            kind: "shared-folder",
            package: None,
            involved: vec![],
            server: None,
            at: None,
            text: String::new(),
            advice: String::new(),
            sources: vec![],
            assumed: false,
        }];
        assert!(table(&case, None, 80).contains("\nAlso noticed: 1 finding; see the report.\n"));
    }

    #[test]
    fn tones_stand_on_their_words() {
        let toned = toned(&fixture::case(), None, 80);
        let marked: Vec<(&str, Tone)> = toned
            .marks
            .iter()
            .map(|(range, tone)| (&toned.text[range.clone()], *tone))
            .collect();
        assert!(marked[0].0.starts_with("Package ") && marked[0].1 == Tone::Heading);
        assert_eq!(
            marked[1..4],
            [
                ("external-removal", Tone::Verdict(Verdict::ExternalRemoval)),
                ("proven", Tone::Grade(Grade::Proven)),
                ("missing while Ready", Tone::Missing),
            ]
        );
        let last = ("strong*", Tone::Grade(Grade::Strong));
        assert_eq!(marked.last(), Some(&last));
        assert!(toned.marks.is_sorted_by_key(|(range, _)| range.start));
    }

    /// A package with every verdict in two grades, with the longest words that a line can have.
    fn worst() -> PackageCase {
        let case = fixture::case();
        let mut package = case.packages[0].clone();
        let one = package.redownloads[0].clone();
        package.redownloads.clear();
        for verdict in Verdict::ALL {
            for grade in [Grade::Likely, Grade::Proven] {
                package.redownloads.push(Redownload {
                    verdict,
                    grade: if verdict == Verdict::Undetermined {
                        Grade::Undetermined
                    } else {
                        grade
                    },
                    assumed_wording: true,
                    ..one.clone()
                });
            }
        }
        package
    }

    #[test]
    fn many_servers_verdicts_and_wide_characters_fit() {
        let mut case = fixture::case();
        case.packages = vec![];
        for server in [
            "PS01",
            "サーバー名前がとても長い",
            &"x".repeat(300),
            "e\u{301}e\u{301}",
        ] {
            for name in [
                "a",
                &"漢字 ".repeat(90),
                &"n".repeat(300),
                "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
                "e\u{301}",
            ] {
                let mut package = worst();
                package.server = Some(server.into());
                package.name = Some(name.to_owned());
                case.packages.push(package);
            }
        }
        for width in [60, 80, 132] {
            let toned = toned(&case, Some("報告/報告 報告"), width);
            // Two grades beside each other leave no room for a name in 60 columns.
            let most = width.max(73);
            for line in toned.text.lines() {
                assert!(columns(line) <= most, "{} columns: {line}", columns(line));
            }
            for verdict in Verdict::ALL {
                let tone = Tone::Verdict(verdict);
                let marked = toned.marks.iter().filter(|mark| mark.1 == tone).count();
                assert_eq!(marked, 20, "{verdict:?}");
            }
        }
    }

    #[test]
    fn no_case_makes_it_wider_or_dangerous() {
        let mut wide = fixture::large_case(60);
        wide.packages[0].name = Some("漢字".repeat(150));
        for case in [Case::default(), fixture::evil_case(), wide] {
            let text = table(&case, Some("r"), 80);
            assert!(!text.chars().any(|one| one != '\n' && is_treacherous(one)));
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}
