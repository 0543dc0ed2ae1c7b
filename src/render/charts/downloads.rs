//! Downloads per day and package: which package came when, and how often.
//!
//! Every download counts, the first one too, on the day on which it was started.

use super::days::Calendar;
use super::{Body, Cell, Chart, Fill};
use crate::model::{Case, PackageCase};
use crate::render::drawing::Colour;
use crate::render::{reading_order, words};

/// Packages that are shown by name.
const MOST: usize = 30;

/// Few, more, most.
const SHADES: [Fill; 3] = [
    Fill::Solid(Colour(222, 235, 247)),
    Fill::Solid(Colour(158, 202, 225)),
    Fill::Solid(Colour(33, 113, 181)),
];

/// Lays it out; nothing where nothing was downloaded.
pub fn lay_out(case: &Case) -> Option<Chart> {
    let mut packages = reading_order(case);
    packages.retain(|package| !package.downloads.is_empty());
    let all = packages.iter().flat_map(|package| &package.downloads);
    let calendar = Calendar::of(all.map(|one| one.started));
    if calendar.len() == 0 {
        return None;
    }
    let count = |package: &PackageCase| {
        let mut counts = vec![0_usize; calendar.len()];
        for one in &package.downloads {
            if let Some(place) = calendar.place(&one.started) {
                counts[place] += 1;
            }
        }
        counts
    };
    let named = packages.len().min(MOST);
    let mut rows: Vec<(String, Vec<usize>)> = packages[..named]
        .iter()
        .map(|package| (words::full_title(case, package), count(package)))
        .collect();
    if packages.len() > named {
        let mut sum = vec![0; calendar.len()];
        for package in &packages[named..] {
            for (all, one) in sum.iter_mut().zip(count(package)) {
                *all += one;
            }
        }
        rows.push((words::more(packages.len() - named, "package"), sum));
    }
    let most = rows[..named].iter().flat_map(|row| &row.1).max().copied()?;
    let labels = calendar.labels();
    let mut table = vec![];
    for (name, counts) in &rows {
        for (label, number) in labels.iter().zip(counts).filter(|one| *one.1 > 0) {
            table.push((format!("{name}, {label}"), number.to_string()));
        }
    }
    let cell = |number: usize| match number {
        0 => Cell::default(),
        some => Cell {
            text: some.to_string(),
            fill: SHADES[((some - 1) * 3 / most.max(1)).min(2)],
        },
    };
    Some(Chart {
        name: "",
        title: words::chart_downloads(calendar.unit()),
        reading: words::CHART_DOWNLOADS_READING.to_owned(),
        legend: vec![],
        notes: words::years_left_out(calendar.left_out)
            .into_iter()
            .collect(),
        body: Body::Grid {
            down: "package".to_owned(),
            across: calendar.axis().to_owned(),
            columns: labels,
            rows: rows
                .into_iter()
                .map(|(name, counts)| (name, counts.into_iter().map(cell).collect()))
                .collect(),
        },
        table,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn packages_beyond_the_thirtieth_are_summed_and_told() {
        let rows = |number| match lay_out(&fixture::large_case(number)).unwrap().body {
            Body::Grid { rows, .. } => rows,
            _ => panic!("no grid"),
        };
        assert_eq!(rows(30).len(), 30);
        let rows = rows(33);
        assert_eq!(
            (rows.len(), rows[30].0.as_str()),
            (31, "and 3 packages more")
        );
        let sum: Vec<&str> = rows[30].1.iter().map(|cell| cell.text.as_str()).collect();
        assert_eq!(sum.concat(), "3");
    }
}
