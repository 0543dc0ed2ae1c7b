//! The table that `pkgtrail report` prints: which package, how often, why, and how sure that is.

use super::text::{clean, clean_case, shorten};
use super::{Health, health, reading_order, servers, words};
use crate::model::{Case, PackageCase, Redownload, Verdict};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Narrowest width that is laid out for; a terminal that is narrower wraps.
const NARROWEST: usize = 60;
/// Sick packages in the table; thousands of lines help nobody, the report has them all.
const MOST: usize = 60;

/// The summary for a terminal `width` columns wide, without colours, ending with a line feed.
pub fn table(case: &Case, report_dir: Option<&str>, width: usize) -> String {
    let case = &clean_case(case);
    let width = width.clamp(NARROWEST, 200);
    let several = servers(case).len() > 1;
    let order = reading_order(case);
    let sick: Vec<&PackageCase> = order
        .into_iter()
        .filter(|one| health(one) == Health::Sick)
        .collect();
    let mut out = String::new();
    if !sick.is_empty() {
        out += &rows(&sick[..sick.len().min(MOST)], several, width);
        out.push_str("\n\n");
    }
    let mut lines = vec![];
    if sick.len() > MOST {
        lines.push(format!(
            "{} more are in the report.",
            words::count(sick.len() - MOST, "sick package")
        ));
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
        let count = words::count(case.findings.len(), "finding");
        lines.push(format!("Also noticed: {count}; see the report."));
    }
    lines.extend(words::narrowed(case).map(|text| format!("Note: {text}.")));
    lines.push(words::problems(case));
    lines.push(format!("Time zone: {}", words::zone(&case.zone)));
    if let Some(dir) = report_dir {
        let separator = if dir.contains('\\') && !dir.contains('/') {
            '\\'
        } else {
            '/'
        };
        let dir = clean(dir);
        let dir = dir.trim_end_matches(separator);
        lines.push(format!("Report: {dir}{separator}report.html"));
    }
    for line in lines {
        out += &wrapped(&line, width);
    }
    out
}

/// A table of the sick packages: one line for each verdict of a package.
fn rows(sick: &[&PackageCase], several_servers: bool, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(["Package", "Downloads", "Again", "Verdict", "Grade"]);
    let lines: Vec<[String; 5]> = sick
        .iter()
        .flat_map(|package| package_rows(package, several_servers))
        .collect();
    // What the other columns need is fixed, so that the name gets what is left.
    let widest = |column: usize, title: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0).max(title)
    };
    let others = widest(1, 9) + widest(2, 5) + widest(3, 7) + widest(4, 5);
    let room = width.saturating_sub(others + 5 * 2).max(12);
    for [name, downloads, again, verdict, grade] in lines {
        table.add_row([fit(&name, room), downloads, again, verdict, grade]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    text.join("\n")
}

fn package_rows(package: &PackageCase, several_servers: bool) -> Vec<[String; 5]> {
    let mut reasons: Vec<(String, String, String)> = words::tally(&package.redownloads)
        .into_iter()
        .map(|(verdict, times)| {
            (
                times.to_string(),
                verdict.name().to_owned(),
                grades(package, verdict),
            )
        })
        .collect();
    if !package.missing_while_ready.is_empty() {
        let times = package.missing_while_ready.len();
        reasons.push((
            String::new(),
            "missing while Ready".to_owned(),
            format!("in {}", words::count(times, "listing")),
        ));
    }
    let mut name = words::title(package);
    if several_servers {
        let server = package.server.as_deref().unwrap_or("?");
        name = format!("{name} on {}", shorten(server, 16));
    }
    reasons
        .into_iter()
        .enumerate()
        .map(|(place, (times, verdict, grade))| {
            let first = place == 0;
            [
                if first { name.clone() } else { String::new() },
                if first {
                    package.downloads.len().to_string()
                } else {
                    String::new()
                },
                times,
                verdict,
                grade,
            ]
        })
        .collect()
}

/// `proven`, or `likely to proven` where they differ.
/// Whether a verdict is one at all, and rests on assumed wording.
fn assumed(one: &Redownload) -> bool {
    one.assumed_wording && one.verdict != Verdict::Undetermined
}

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

/// Shortened in the middle until it takes at most `room` columns; wide characters take two.
fn fit(text: &str, room: usize) -> String {
    let columns = |text: &str| {
        let mut probe = Table::new();
        probe.add_row([text]);
        probe
            .column_max_content_widths()
            .first()
            .copied()
            .map_or(0, usize::from)
    };
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
        let long = word.chars().count();
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
