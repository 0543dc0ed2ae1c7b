//! What each file covers of the period of the case, drawn as a small bar with its gaps.

use super::rendered;
use crate::model::{Case, EvidenceFile, Moment};
use crate::render::words;
use askama::Template;

/// The bar's length, in its own units.
const LONG: i64 = 240;
/// What is shorter is drawn so long, to be seen.
const LEAST: i64 = 3;

/// The bar; empty for a file without times, and where the case has no period.
pub(super) fn bar(case: &Case, file: &EvidenceFile) -> String {
    let (Some((first, last)), Some(from), Some(to)) = (case.period, file.from, file.to) else {
        return String::new();
    };
    let range = i128::from(last.end) - i128::from(first.start);
    let across = |at: i64| -> i64 {
        let share = (i128::from(at) - i128::from(first.start)) * i128::from(LONG) / range.max(1);
        i64::try_from(share.clamp(0, i128::from(LONG))).unwrap_or(0)
    };
    let piece = |from: &Moment, to: &Moment| -> (i64, i64) {
        let left = across(from.start).min(LONG - LEAST);
        (left, (across(to.end) - left).max(LEAST))
    };
    let gaps: Vec<(i64, i64)> = file
        .gaps
        .iter()
        .map(|gap| piece(&gap.from, &gap.to))
        .collect();
    rendered(&Bar {
        long: LONG,
        label: words::covers(&from, &to, file.gaps.len()),
        covered: piece(&from, &to),
        gaps,
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r##"<svg class="cover" viewBox="0 0 {{ long }} 12" width="{{ long }}" height="12" role="img" aria-label="{{ label }}"><rect class="period" x="0" y="5" width="{{ long }}" height="2"/><rect class="covered" x="{{ covered.0 }}" y="1" width="{{ covered.1 }}" height="10"/>{% for gap in gaps %}<rect class="gap" x="{{ gap.0 }}" y="1" width="{{ gap.1 }}" height="10"/>{% endfor %}</svg>"##
)]
struct Bar {
    long: i64,
    label: String,
    /// Place and length.
    covered: (i64, i64),
    gaps: Vec<(i64, i64)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Gap;
    use crate::render::fixture::{self, at};

    #[test]
    fn a_log_is_drawn_where_it_lies_with_its_gaps() {
        let mut case = fixture::case();
        case.period = Some((at("2026-11-01 00:00:00"), at("2026-11-10 23:59:59")));
        let mut file = case.evidence[0].clone();
        file.from = Some(at("2026-11-02 00:00:00"));
        file.to = Some(at("2026-11-06 00:00:00"));
        file.gaps = vec![Gap {
            from: at("2026-11-03 00:00:00"),
            to: at("2026-11-04 00:00:00"),
        }];
        let svg = bar(&case, &file);
        assert!(
            svg.contains(r#"class="covered" x="24" y="1" width="96""#),
            "{svg}"
        );
        assert!(
            svg.contains(r#"class="gap" x="48" y="1" width="24""#),
            "{svg}"
        );
        assert!(svg.contains("covers 2026-11-02 00:00 to 2026-11-06 00:00, with 1 gap"));
        // A capture has no length and is seen all the same, at the end too.
        file.from = Some(at("2026-11-10 23:59:59"));
        file.to = file.from;
        file.gaps.clear();
        let svg = bar(&case, &file);
        assert!(
            svg.contains(r#"class="covered" x="237" y="1" width="3""#),
            "{svg}"
        );
        file.from = None;
        assert_eq!(bar(&case, &file), "");
    }
}
