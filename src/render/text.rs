//! Text from evidence, made harmless: no control characters, no invisible direction changes.

use crate::model::raw::Answers;
use crate::model::text::is_plain;
pub use crate::model::text::is_treacherous;
use crate::model::{
    Case, Compared, Doubt, EvidenceFile, Finding, MissingEvidence, PackageCase, Place, Problem,
    Raw, Reason, Records, Redownload, RuledOut, SideBySide, SideRow, Step, Texts, TimeZoneUsed,
};
use rayon::prelude::*;
use std::borrow::Cow;

/// One line of harmless text: line breaks and tabs become a space, what is treacherous becomes
/// a visible U+FFFD, so that the reader sees that something stood there.
///
/// ```
/// use pkgtrail::render::text::clean;
/// assert_eq!(clean("a\x1b[31mb\u{202e}c\td\r\ne"), "a\u{fffd}[31mb\u{fffd}c d e");
/// ```
pub fn clean(text: &str) -> String {
    if is_plain(text, false) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        match one {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\t' | '\n' | '\r' => out.push(' '),
            one if is_treacherous(one) => out.push('\u{fffd}'),
            one => out.push(one),
        }
    }
    out
}

/// Whether [`clean_lines`] would leave a text as it is.
fn is_clean_record(text: &str) -> bool {
    let treacherous = |one: char| one != '\n' && is_treacherous(one);
    !text.ends_with('\n') && (is_plain(text, true) || !text.contains(treacherous))
}

/// The texts with every one clean; the same ones, where all are clean as they stand.
fn clean_texts(texts: &Texts) -> Texts {
    if texts.par_iter().all(|(_, text)| is_clean_record(text)) {
        return Texts::clone(texts);
    }
    let cleaned = texts
        .iter()
        .map(|(source, text)| (*source, clean_lines(text)));
    Texts::new(cleaned.collect())
}

/// The same for records, of which each shared part is looked at once.
fn clean_records(records: &Records) -> Records {
    let mut answers = Answers::default();
    let is_clean = |part: &str| !part.is_empty() && is_clean_record(part);
    let mut is_clean_all = |record: &Raw| record.is_made_of(is_clean, &mut answers);
    if records.values().all(&mut is_clean_all) {
        return Records::clone(records);
    }
    let cleaned = records.iter().map(|(source, record)| {
        let clean = match is_clean_all(record) {
            true => record.clone(),
            false => Raw::whole(&clean_lines(&record.written())),
        };
        (*source, clean)
    });
    Records::new(cleaned.collect())
}

/// Like [`clean`], but line breaks stay: for raw records of several lines.
fn clean_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .trim_end_matches(['\r', '\n'])
        .split('\n')
        .map(|line| clean(line.strip_suffix('\r').unwrap_or(line)))
        .collect();
    lines.join("\n")
}

/// At most `most` characters, the middle left out: names differ at both ends.
///
/// ```
/// use pkgtrail::render::text::shorten;
/// assert_eq!(shorten("Contoso VPN Client 4.1", 11), "Conto…t 4.1");
/// ```
pub fn shorten(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let keep = most.saturating_sub(1);
    let tail = keep / 2;
    let head: String = text.chars().take(keep - tail).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{head}…{end}")
}

/// The case with every text of it clean. All outputs but JSON begin with this, so that no place
/// of use can forget it; JSON has its own escapes and stays faithful. A clean case stays as it is.
pub fn clean_case(case: &Case) -> Cow<'_, Case> {
    if case.clean {
        return Cow::Borrowed(case);
    }
    // Without `..` anywhere, so that a new field of the model has to be thought of here.
    let Case {
        zone:
            TimeZoneUsed {
                offset,
                basis,
                name,
                several,
            },
        packages,
        findings,
        evidence,
        problems,
        quotes,
        raw,
        period,
        narrowed,
        clean: _,
    } = case;
    Cow::Owned(Case {
        clean: true,
        narrowed: narrowed.as_deref().map(clean),
        zone: TimeZoneUsed {
            offset: *offset,
            basis: *basis,
            name: maybe(name),
            several: *several,
        },
        packages: packages.iter().map(clean_package).collect(),
        findings: findings.iter().map(clean_finding).collect(),
        evidence: evidence.iter().map(clean_file).collect(),
        problems: problems.iter().map(clean_problem).collect(),
        quotes: clean_texts(quotes),
        raw: clean_records(raw),
        period: *period,
    })
}

fn maybe(text: &Option<String>) -> Option<String> {
    text.as_deref().map(clean)
}

fn clean_finding(finding: &Finding) -> Finding {
    let Finding {
        kind,
        package,
        involved,
        server,
        at,
        text,
        advice,
        sources,
        assumed,
    } = finding;
    Finding {
        kind,
        package: *package,
        involved: involved.clone(),
        server: server.as_deref().map(|name| clean(name).into()),
        at: *at,
        text: clean(text),
        advice: clean(advice),
        sources: sources.clone(),
        assumed: *assumed,
    }
}

fn clean_package(package: &PackageCase) -> PackageCase {
    let PackageCase {
        id,
        name,
        server,
        location,
        state,
        missing_while_ready,
        downloads,
        redownloads,
        spans,
        observations,
        size,
    } = package;
    PackageCase {
        id: *id,
        name: maybe(name),
        server: server.as_deref().map(|name| clean(name).into()),
        location: maybe(location),
        state: *state,
        missing_while_ready: missing_while_ready.clone(),
        downloads: downloads.clone(),
        redownloads: redownloads.iter().map(clean_redownload).collect(),
        spans: spans.clone(),
        observations: observations.clone(),
        size: *size,
    }
}

fn clean_snapshots(both: &SideBySide) -> SideBySide {
    let SideBySide {
        before,
        after,
        rows,
        more_files,
        same_files,
        compared_hashes,
    } = both;
    let row = |SideRow {
                   what,
                   before,
                   after,
               }: &SideRow| SideRow {
        what: match what {
            Compared::File(name) => Compared::File(clean(name)),
            other => other.clone(),
        },
        before: maybe(before),
        after: maybe(after),
    };
    SideBySide {
        before: *before,
        after: *after,
        rows: rows.iter().map(row).collect(),
        more_files: *more_files,
        same_files: *same_files,
        compared_hashes: *compared_hashes,
    }
}

fn clean_redownload(one: &Redownload) -> Redownload {
    let Redownload {
        download,
        started_at,
        completed_at,
        previous_completed_at,
        verdict,
        grade,
        window,
        actor,
        summary,
        reasons,
        ruled_out,
        doubts,
        missing_evidence,
        snapshots,
        assumed_wording,
    } = one;
    Redownload {
        download: *download,
        started_at: *started_at,
        completed_at: *completed_at,
        previous_completed_at: *previous_completed_at,
        verdict: *verdict,
        grade: *grade,
        window: *window,
        actor: maybe(actor),
        summary: clean(summary),
        reasons: reasons
            .iter()
            .map(|Reason { text, sources }| Reason {
                text: clean(text),
                sources: sources.clone(),
            })
            .collect(),
        ruled_out: ruled_out
            .iter()
            .map(
                |RuledOut {
                     verdict,
                     text,
                     sources,
                 }| RuledOut {
                    verdict: *verdict,
                    text: clean(text),
                    sources: sources.clone(),
                },
            )
            .collect(),
        doubts: doubts
            .iter()
            .map(|Doubt { verdict, text }| Doubt {
                verdict: *verdict,
                text: clean(text),
            })
            .collect(),
        missing_evidence: missing_evidence.iter().map(clean_missing).collect(),
        snapshots: snapshots.as_ref().map(clean_snapshots),
        assumed_wording: *assumed_wording,
    }
}

fn clean_missing(missing: &MissingEvidence) -> MissingEvidence {
    let MissingEvidence {
        wanted,
        what,
        place,
        steps,
        when,
    } = missing;
    MissingEvidence {
        wanted: *wanted,
        what: clean(what),
        place: clean(place),
        steps: steps
            .iter()
            .map(|Step { what, command }| Step {
                what: clean(what),
                command: maybe(command),
            })
            .collect(),
        when: clean(when),
    }
}

fn clean_file(file: &EvidenceFile) -> EvidenceFile {
    let EvidenceFile {
        path,
        kind,
        sha256,
        bytes,
        records,
        from,
        to,
        gaps,
        matched,
        unmatched,
    } = file;
    EvidenceFile {
        path: clean(path),
        kind,
        sha256: clean(sha256),
        bytes: *bytes,
        records: *records,
        from: *from,
        to: *to,
        gaps: gaps.clone(),
        matched: *matched,
        unmatched: *unmatched,
    }
}

fn clean_problem(problem: &Problem) -> Problem {
    let Problem {
        place: Place { path, line },
        defect,
        cost,
        lost,
    } = problem;
    Problem {
        place: Place {
            path: clean(path),
            line: *line,
        },
        defect: clean(defect),
        cost: clean(cost),
        lost: *lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn treacherous_characters_become_visible() {
        assert_eq!(clean("a\0b\u{7f}c\u{9b}d"), "a\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(clean("x\u{2066}y\u{200f}z"), "x\u{fffd}y\u{fffd}z");
        assert_eq!(clean("שלום 漢字 é"), "שלום 漢字 é");
        assert_eq!(clean_lines("a\r\nb\x1b\n"), "a\nb\u{fffd}");
    }

    #[test]
    fn texts_that_are_clean_are_shared_and_all_others_become_clean() {
        let texts = |text: &str| -> Texts {
            let line = |line| crate::render::fixture::source(0, line);
            Texts::new([(line(1), "a".to_owned()), (line(2), text.to_owned())].into())
        };
        for text in [
            "",
            "a",
            "a\nb",
            "\n\na \n b",
            "Ä\n漢字",
            &"x\n y".repeat(99),
        ] {
            let clean = texts(text);
            assert!(Texts::ptr_eq(&clean_texts(&clean), &clean), "{text:?}");
        }
        let long = "x".repeat(200) + "\tb";
        let last = "x".repeat(64) + "\u{7f}";
        for text in [
            "a\n",
            "a\r",
            "a\r\nb",
            "a\tb",
            "a\0",
            "\u{feff}a",
            "Ä\u{85}",
            "\n",
            &long,
            &last,
        ] {
            let cleaned = clean_texts(&texts(text));
            assert_eq!(cleaned.values().nth(1).unwrap(), &clean_lines(text));
            assert_ne!(cleaned.values().nth(1).unwrap(), text);
            // What is clean stays: outputs are made of a case that is clean already.
            assert!(Texts::ptr_eq(&clean_texts(&cleaned), &cleaned), "{text:?}");
        }
    }

    #[test]
    fn shortening_never_panics_and_never_exceeds() {
        for most in 0..8 {
            assert!(shorten("Übergröße-漢字", most).chars().count() <= most.max(1));
        }
        assert_eq!(shorten("short", 5), "short");
    }
}
