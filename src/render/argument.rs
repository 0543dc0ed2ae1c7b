//! What is said for and against a verdict, told once: equal points merged, sources in order of time.
//!
//! The analysis judges every rival by itself, so several rivals may fall for the very same reason.
//! A reader who meets one sentence three times looks for the difference; merging them shows that
//! there is none. Only points equal in text and in sources are merged, so nothing is lost.

use crate::model::{Case, Redownload, SourceRef, Verdict};

/// A sentence, the causes that it speaks of, and where it is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point<'a> {
    /// Empty for a reason that is about no other cause.
    pub causes: Vec<Verdict>,
    pub text: &'a str,
    pub sources: Vec<SourceRef>,
}

/// Everything that is said about one re-download.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Argument<'a> {
    /// How we know, in the order of the analysis.
    pub known: Vec<Point<'a>>,
    /// Causes ruled out, and why.
    pub ruled_out: Vec<Point<'a>>,
    /// Causes that the evidence cannot decide, and why.
    pub open: Vec<Point<'a>>,
}

/// The argument of `one`.
pub fn argument<'a>(case: &Case, one: &'a Redownload) -> Argument<'a> {
    let mut all = Argument::default();
    for reason in &one.reasons {
        let sources = in_time(case, &reason.sources);
        all.known.push(Point {
            causes: vec![],
            text: &reason.text,
            sources,
        });
    }
    for doubt in &one.doubts {
        merge(&mut all.open, doubt.verdict, &doubt.text, vec![]);
    }
    for rival in &one.ruled_out {
        let sources = in_time(case, &rival.sources);
        merge(&mut all.ruled_out, rival.verdict, &rival.text, sources);
    }
    all
}

fn merge<'a>(points: &mut Vec<Point<'a>>, cause: Verdict, text: &'a str, sources: Vec<SourceRef>) {
    let same = points
        .iter_mut()
        .find(|one| one.text == text && one.sources == sources);
    match same {
        Some(point) => point.causes.push(cause),
        None => points.push(Point {
            causes: vec![cause],
            text,
            sources,
        }),
    }
}

/// The sources with the older file first, where the times of the files leave no doubt of it.
///
/// A rotated `Agent2.log` is older than `Agent1.log`, so the order of names puts what was seen
/// after a download before what was seen before it. Files whose times overlap, or are not known,
/// have no order, and then the sources stay as they are.
fn in_time(case: &Case, sources: &[SourceRef]) -> Vec<SourceRef> {
    let mut sorted = sources.to_vec();
    let stretch = |source: &SourceRef| {
        let file = case.evidence.get(source.file.0 as usize)?;
        Some((file.from?.start, file.to?.start))
    };
    if sources.iter().any(|one| stretch(one).is_none()) {
        return sorted;
    }
    sorted.sort_by_key(|one| (stretch(one), one.file.0, one.line));
    let ordered = sorted.windows(2).all(|pair| {
        pair[0].file == pair[1].file
            || stretch(&pair[0]).map(|one| one.1) <= stretch(&pair[1]).map(|one| one.0)
    });
    if ordered { sorted } else { sources.to_vec() }
}

/// The sources with copies of a record behind the record itself: a ticket or a history may tell
/// what the raw log tells too, and the log is the better proof.
pub fn raw_first(case: &Case, sources: &[SourceRef]) -> Vec<SourceRef> {
    let is_copy = |source: &SourceRef| {
        let file = case.evidence.get(source.file.0 as usize);
        file.is_some_and(|file| COPIES.contains(&file.kind))
    };
    let is_told_raw = |copy: &SourceRef| {
        let text = case.quotes.get(copy);
        let mut raw = sources.iter().filter(|one| !is_copy(one));
        text.is_some() && raw.any(|one| case.quotes.get(one) == text)
    };
    let mut sorted = sources.to_vec();
    sorted.sort_by_key(|one| is_copy(one) && is_told_raw(one));
    sorted
}

/// Kinds of files whose records were copied from somewhere else.
pub const COPIES: [&str; 2] = ["viewer-copy", "ps-history"];

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, at, source};
    use super::*;
    use crate::model::{Doubt, Reason, RuledOut, Texts};

    #[test]
    fn equal_points_merge_and_doubts_stand_apart() {
        let case = fixture::case();
        let mut one = case.packages[0].redownloads[0].clone();
        let reason = |text: &str| Reason {
            text: text.into(),
            sources: vec![],
        };
        one.reasons = vec![
            reason("The log names 3 files."),
            // What looks like a doubt and is none stays a reason.
            reason("Cannot tell whether path-change: no window."),
        ];
        let doubt = |verdict| Doubt {
            verdict,
            text: "nothing states it.".into(),
        };
        one.doubts = vec![
            doubt(Verdict::VersionChange),
            doubt(Verdict::ExternalRemoval),
        ];
        let rival = |verdict, line| RuledOut {
            verdict,
            text: "No earlier download was given up.".into(),
            sources: vec![source(0, line)],
        };
        one.ruled_out = vec![
            rival(Verdict::InterruptedDownload, 5),
            rival(Verdict::AccessDenied, 5),
            rival(Verdict::SourceUnavailable, 6),
        ];
        let all = argument(&case, &one);
        let told = |points: &[Point]| -> Vec<(Vec<Verdict>, String)> {
            let one = |point: &Point| (point.causes.clone(), point.text.to_owned());
            points.iter().map(one).collect()
        };
        assert_eq!(
            told(&all.open),
            [(
                vec![Verdict::VersionChange, Verdict::ExternalRemoval],
                "nothing states it.".to_owned()
            )]
        );
        assert_eq!(
            told(&all.known),
            [
                (vec![], "The log names 3 files.".to_owned()),
                (
                    vec![],
                    "Cannot tell whether path-change: no window.".to_owned()
                )
            ]
        );
        let causes: Vec<&[Verdict]> = all.ruled_out.iter().map(|one| &one.causes[..]).collect();
        assert_eq!(
            causes,
            [
                &[Verdict::InterruptedDownload, Verdict::AccessDenied][..],
                &[Verdict::SourceUnavailable][..]
            ]
        );
    }

    #[test]
    fn a_copy_stands_behind_the_record_that_it_copies_and_else_where_it_stood() {
        let mut case = fixture::case();
        case.evidence[0].kind = "viewer-copy";
        let (copy, raw) = (source(0, 901), source(1, 902));
        let quotes = |of_raw: &str| {
            let told = [(copy, "Giving up"), (raw, of_raw)];
            Texts::new(told.map(|(one, text)| (one, text.to_owned())).into())
        };
        case.quotes = quotes("Giving up");
        assert_eq!(raw_first(&case, &[copy, raw]), [raw, copy]);
        case.quotes = quotes("Something else");
        assert_eq!(raw_first(&case, &[copy, raw]), [copy, raw]);
    }

    #[test]
    fn sources_stand_in_order_of_time_where_there_is_one() {
        let mut case = fixture::case();
        let mut times = |file: usize, from, to| {
            case.evidence[file].from = Some(at(from));
            case.evidence[file].to = Some(at(to));
        };
        times(0, "2026-11-03 00:00:00", "2026-11-04 00:00:00");
        times(1, "2026-11-02 00:00:00", "2026-11-03 00:00:00");
        times(2, "2026-11-02 12:00:00", "2026-11-02 12:00:00");
        let cited = [source(0, 7), source(1, 9), source(1, 3)];
        let expected = [source(1, 3), source(1, 9), source(0, 7)];
        assert_eq!(in_time(&case, &cited), expected);
        // A listing made while the log ran stands neither before nor after the log.
        let cited = [source(2, 7), source(1, 9)];
        assert_eq!(in_time(&case, &cited), cited);
        case.evidence[0].from = None;
        let cited = [source(0, 7), source(1, 9)];
        assert_eq!(in_time(&case, &cited), cited);
    }
}
