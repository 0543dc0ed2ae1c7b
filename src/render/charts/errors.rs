//! Errors by code: what failed most.
//!
//! Counts the records about packages that report a failure; a code that no public list knows stands alone.

use super::{Body, Chart};
use crate::model::{Case, Seen, error_code};
use crate::render::words;
use std::collections::BTreeMap;

/// Codes that are shown.
const MOST: usize = 25;

/// Lays it out; nothing where nothing failed.
pub fn lay_out(case: &Case) -> Option<Chart> {
    let mut counts: BTreeMap<Option<u32>, u64> = BTreeMap::new();
    for one in case
        .packages
        .iter()
        .flat_map(|package| &package.observations)
    {
        if let Seen::Failed { code } = one.seen {
            *counts.entry(code).or_default() += u64::from(one.records.max(1));
        }
    }
    if counts.is_empty() {
        return None;
    }
    let mut counts: Vec<(Option<u32>, u64)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest = counts.split_off(counts.len().min(MOST));
    let label = |code: Option<u32>| match code {
        Some(code) => error_code::told(code),
        None => words::NO_CODE.to_owned(),
    };
    let mut bars: Vec<(String, u64)> = counts
        .into_iter()
        .map(|(code, count)| (label(code), count))
        .collect();
    if !rest.is_empty() {
        let sum = rest.iter().map(|(_, count)| count).sum();
        bars.push((words::more(rest.len(), "code"), sum));
    }
    Some(Chart {
        name: "",
        title: words::CHART_ERRORS.to_owned(),
        reading: words::CHART_ERRORS_READING.to_owned(),
        legend: vec![],
        notes: vec![],
        table: bars
            .iter()
            .map(|(label, count)| (label.clone(), count.to_string()))
            .collect(),
        body: Body::Bars {
            across: "records".to_owned(),
            bars,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::{case, seen, source};
    use super::*;

    #[test]
    fn the_most_frequent_comes_first_and_the_rest_is_summed() {
        let mut case = case();
        case.packages[0].observations = (0..27)
            .map(|code| {
                seen(
                    "2026-11-01 00:00:00",
                    Seen::Failed {
                        code: Some(0x8123_0000 + code),
                    },
                    source(0, 1),
                )
            })
            .collect();
        case.packages[1].observations = vec![seen(
            "2026-11-01 00:00:00",
            Seen::Failed { code: None },
            source(0, 1),
        )];
        case.packages[1].observations[0].records = 7;
        let Some(Body::Bars { bars, .. }) = lay_out(&case).map(|chart| chart.body) else {
            panic!("no bars");
        };
        assert_eq!(bars[0], ("without a code".to_owned(), 7));
        assert_eq!(bars[1], ("0x81230000".to_owned(), 1));
        assert_eq!(bars.len(), 26);
        assert_eq!(bars[25], ("and 3 codes more".to_owned(), 3));
    }
}
