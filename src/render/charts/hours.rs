//! Hours of the day in which files were removed: where many windows overlap, look for a scheduled job.
//!
//! A window counts in each hour that it touches. One that lasts a day or longer touches all of them
//! and says nothing; it is left out and told.

use super::{Body, Chart, Fill, Unit};
use crate::model::{Case, Window};
use crate::render::drawing::VERMILLION;
use crate::render::words;
use chrono::{TimeDelta, Timelike};

/// Lays it out; nothing where no window is shorter than a day.
pub fn lay_out(case: &Case) -> Option<Chart> {
    let windows: Vec<Window> = case
        .redownloads()
        .filter_map(|(_, one)| one.window)
        .collect();
    let mut counts = [0_u64; 24];
    let mut told = 0;
    for hours in windows.iter().filter_map(touched) {
        told += 1;
        for (count, touched) in counts.iter_mut().zip(hours) {
            *count += u64::from(touched);
        }
    }
    if told == 0 {
        return None;
    }
    let label = |hour: usize| format!("{hour:02}");
    Some(Chart {
        name: "",
        title: words::CHART_HOURS.to_owned(),
        reading: words::hours_reading(told),
        legend: vec![],
        notes: words::windows_left_out(windows.len() - told)
            .into_iter()
            .collect(),
        body: Body::Columns {
            across: words::CHART_HOURS_AXIS.to_owned(),
            up: "removal windows".to_owned(),
            unit: Unit::Number,
            looks: vec![Fill::Solid(VERMILLION)],
            columns: (0..24)
                .map(|hour| (label(hour), vec![counts[hour]]))
                .collect(),
        },
        table: (0..24)
            .map(|hour| {
                (
                    format!("{}:00 to {}:59", label(hour), label(hour)),
                    counts[hour].to_string(),
                )
            })
            .collect(),
    })
}

/// The hours of the clock that a window touches; none for one that is as long as a day, or turned round.
fn touched(window: &Window) -> Option<[bool; 24]> {
    let (after, before) = (window.after.local(), window.before.local());
    let long = window.before.start.saturating_sub(window.after.start);
    if !(0..86_400_000).contains(&long) || before < after || before - after >= TimeDelta::days(1) {
        return None;
    }
    let mut hours = [false; 24];
    hours[after.hour() as usize] = true;
    let mut at = after.date().and_hms_opt(after.hour(), 0, 0)? + TimeDelta::hours(1);
    while at < before {
        hours[at.hour() as usize] = true;
        at += TimeDelta::hours(1);
    }
    Some(hours)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::at;
    use super::*;

    #[test]
    fn a_window_counts_in_each_hour_that_it_touches() {
        let hours = |after: &str, before: &str| {
            let (after, before) = (at(after), at(before));
            let touched = touched(&Window { after, before })?;
            Some((0..24).filter(|hour| touched[*hour]).collect::<Vec<_>>())
        };
        let day = "2026-11-03";
        let same = |after: &str, before: &str| {
            hours(&format!("{day} {after}"), &format!("{day} {before}"))
        };
        assert_eq!(same("01:55:00", "02:40:00"), Some(vec![1, 2]));
        assert_eq!(same("01:55:00", "02:00:00"), Some(vec![1]));
        assert_eq!(same("02:00:00", "02:00:00"), Some(vec![2]));
        assert_eq!(
            hours("2026-11-03 23:10:00", "2026-11-04 01:00:00"),
            Some(vec![0, 23])
        );
        let almost = hours("2026-11-03 12:30:00", "2026-11-04 12:29:59").unwrap();
        assert_eq!(almost.len(), 24);
        assert_eq!(hours("2026-11-03 12:30:00", "2026-11-04 12:30:00"), None);
        assert_eq!(same("02:40:00", "01:55:00"), None);
    }
}
