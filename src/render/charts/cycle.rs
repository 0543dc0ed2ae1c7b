//! The cycle: how long a package stayed complete before its next download started.
//!
//! From the completion of the download before to the start of this one, for each re-download of
//! which the evidence shows both. The same time again and again points to a scheduled job.

use super::{Body, Chart};
use crate::model::Case;
use crate::render::{reading_order, words};

/// Packages that are shown.
const MOST: usize = 30;

/// Lays it out; nothing where no re-download has a known completion before it.
pub fn lay_out(case: &Case) -> Option<Chart> {
    let mut rows: Vec<(String, Vec<i64>)> = vec![];
    let mut unknown = 0;
    for package in reading_order(case) {
        let mut lasted = vec![];
        for one in &package.redownloads {
            let before = one.previous_completed_at;
            match before.map(|before| one.started_at.start.saturating_sub(before.start)) {
                Some(long) if long >= 0 => lasted.push(long),
                _ => unknown += 1,
            }
        }
        lasted.sort_unstable();
        if !lasted.is_empty() {
            rows.push((words::full_title(case, package), lasted));
        }
    }
    if rows.is_empty() {
        return None;
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.1.len()));
    let left_out = rows.len().saturating_sub(MOST);
    rows.truncate(MOST);
    let mut notes = vec![];
    if unknown > 0 {
        notes.push(words::cycle_unknown(unknown));
    }
    if left_out > 0 {
        notes.push(words::left_out(left_out, "package"));
    }
    let table = rows
        .iter()
        .map(|(name, lasted)| (name.clone(), words::cycle(lasted)))
        .collect();
    Some(Chart {
        name: "",
        title: words::CHART_CYCLE.to_owned(),
        reading: words::CHART_CYCLE_READING.to_owned(),
        legend: vec![],
        notes,
        body: Body::Dots {
            across: words::CHART_CYCLE_AXIS.to_owned(),
            rows,
        },
        table,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::{at, case};
    use super::*;

    #[test]
    fn what_has_no_end_before_it_is_told_and_not_drawn() {
        let mut case = case();
        case.packages.truncate(1);
        case.packages[0].redownloads[0].previous_completed_at = None;
        // After the start: the evidence contradicts itself.
        case.packages[0].redownloads[1].previous_completed_at = Some(at("2026-11-04 00:00:00"));
        let chart = lay_out(&case).unwrap();
        let Body::Dots { rows, .. } = chart.body else {
            panic!("no dots");
        };
        let day_less = 86_400_000 - (9 * 60 + 36) * 1000;
        assert_eq!(rows, [("Contoso VPN 4.1".to_owned(), vec![day_less])]);
        assert!(
            chart.notes[0].starts_with("2 re-downloads"),
            "{:?}",
            chart.notes
        );
        case.packages[0].redownloads[2].previous_completed_at = None;
        assert_eq!(lay_out(&case), None);
    }
}
