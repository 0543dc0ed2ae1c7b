//! Bytes downloaded in vain per day: what came again although the package had not changed.
//!
//! # What counts
//! Re-downloads whose verdict is no real change (version, hash, path). Not those that an operator
//! asked for, which somebody wanted, nor undetermined ones, of which nobody knows: both are told.
//!
//! # How much
//! The bytes that the log states; else the share of blocks that it says were needed, of the size by
//! the newest snapshot; else that size, marked "at most". A size that is not known is told.

use super::days::Calendar;
use super::{Body, Chart, Fill, Unit};
use crate::model::{Case, PackageCase, Redownload, Verdict};
use crate::render::drawing::{BLUE, ORANGE};
use crate::render::words;

/// How much one re-download fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fetched {
    /// By bytes or blocks in the log.
    Told(u64),
    AtMost(u64),
    Unknown,
}

/// Lays it out; nothing where nothing was downloaded in vain.
pub fn lay_out(case: &Case) -> Option<Chart> {
    let vain: Vec<(&PackageCase, &Redownload)> = case
        .redownloads()
        .filter(|(_, one)| in_vain(one.verdict))
        .collect();
    if vain.is_empty() {
        return None;
    }
    let calendar = Calendar::of(vain.iter().map(|(_, one)| one.started_at));
    let mut days = vec![[0_u64; 2]; calendar.len()];
    let mut unknown = 0;
    for (package, one) in &vain {
        let Some(day) = calendar.place(&one.started_at) else {
            continue;
        };
        let (part, bytes) = match fetched(package, one) {
            Fetched::Told(bytes) => (0, bytes),
            Fetched::AtMost(bytes) => (1, bytes),
            Fetched::Unknown => {
                unknown += 1;
                continue;
            }
        };
        days[day][part] = days[day][part].saturating_add(bytes);
    }
    let looks = [Fill::Solid(BLUE), Fill::Hatched(ORANGE)];
    let sum = |part: usize| {
        days.iter()
            .fold(0_u64, |all, day| all.saturating_add(day[part]))
    };
    let others = |verdict| {
        let all = case.redownloads();
        all.filter(|(_, one)| one.verdict == verdict).count()
    };
    let mut notes = vec![words::vain_total(vain.len(), sum(0), sum(1))];
    notes.extend(words::vain_unknown(unknown));
    notes.extend(words::vain_others(
        others(Verdict::OperatorAction),
        others(Verdict::Undetermined),
    ));
    notes.extend(words::years_left_out(calendar.left_out));
    let labels = calendar.labels();
    let table = labels
        .iter()
        .zip(&days)
        .filter(|(_, day)| day[0] > 0 || day[1] > 0)
        .map(|(label, day)| (label.clone(), words::vain_cell(day[0], day[1])))
        .collect();
    Some(Chart {
        name: "",
        title: words::chart_vain(calendar.unit()),
        reading: words::CHART_VAIN_READING.to_owned(),
        legend: looks
            .into_iter()
            .zip([words::CHART_VAIN_TOLD, words::CHART_VAIN_AT_MOST])
            .enumerate()
            .filter(|(part, _)| sum(*part) > 0)
            .map(|(_, (look, meaning))| (look, meaning.to_owned()))
            .collect(),
        notes,
        body: Body::Columns {
            across: calendar.axis().to_owned(),
            up: "bytes".to_owned(),
            unit: Unit::Bytes,
            looks: looks.to_vec(),
            columns: labels
                .into_iter()
                .zip(days)
                .map(|(label, day)| (label, day.to_vec()))
                .collect(),
        },
        table,
    })
}

fn in_vain(verdict: Verdict) -> bool {
    !verdict.is_real_change() && !matches!(verdict, Verdict::OperatorAction | Verdict::Undetermined)
}

fn fetched(package: &PackageCase, one: &Redownload) -> Fetched {
    let download = package.downloads.get(one.download);
    if let Some(bytes) = download.and_then(|download| download.bytes) {
        return Fetched::Told(bytes);
    }
    let Some(size) = package.size else {
        return Fetched::Unknown;
    };
    match download.and_then(|download| download.blocks_needed) {
        Some((needed, of)) if of > 0 && needed <= of => {
            let share = u128::from(size) * u128::from(needed) / u128::from(of);
            Fetched::Told(u64::try_from(share).unwrap_or(u64::MAX))
        }
        _ => Fetched::AtMost(size),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn bytes_come_from_the_log_else_from_blocks_else_are_at_most_the_size() {
        let mut package = fixture::case().packages[0].clone();
        let one = package.redownloads[0].clone();
        package.size = Some(1000);
        assert_eq!(fetched(&package, &one), Fetched::Told(127_926_272));
        package.downloads[1].bytes = None;
        package.downloads[1].blocks_needed = Some((15, 60));
        assert_eq!(fetched(&package, &one), Fetched::Told(250));
        // Nonsense is no share.
        for wrong in [None, Some((1, 0)), Some((3, 2))] {
            package.downloads[1].blocks_needed = wrong;
            assert_eq!(fetched(&package, &one), Fetched::AtMost(1000), "{wrong:?}");
        }
        package.size = None;
        package.downloads[1].blocks_needed = Some((15, 60));
        assert_eq!(fetched(&package, &one), Fetched::Unknown);
    }

    #[test]
    fn a_real_change_an_order_and_the_unknown_are_not_in_vain() {
        let vain: Vec<Verdict> = Verdict::ALL
            .into_iter()
            .filter(|one| in_vain(*one))
            .collect();
        assert_eq!(vain.len(), 7);
        let mut case = fixture::case();
        for one in case
            .packages
            .iter_mut()
            .flat_map(|one| &mut one.redownloads)
        {
            one.verdict = Verdict::VersionChange;
        }
        assert_eq!(lay_out(&case), None);
        case.packages[0].redownloads[0].verdict = Verdict::ExternalRemoval;
        case.packages[0].redownloads[1].verdict = Verdict::OperatorAction;
        case.packages[0].redownloads[2].verdict = Verdict::Undetermined;
        case.packages[0].downloads[1].bytes = None;
        case.packages[0].size = None;
        let chart = lay_out(&case).unwrap();
        let notes = chart.notes.join(" ");
        assert!(
            notes.contains("1 re-download is of unknown size"),
            "{notes}"
        );
        assert!(notes.contains("1 that an operator asked for"), "{notes}");
        assert!(notes.contains("1 undetermined"), "{notes}");
        assert_eq!(chart.table, []);
    }
}
