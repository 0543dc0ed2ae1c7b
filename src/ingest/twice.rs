//! A history and a log tell the same change; it must be one event, or a download becomes two.
//!
//! The log is the better witness: it has milliseconds and says more. A row of a history that a log
//! record confirms becomes a further source of that record. Rows that no record confirms stay.

use crate::model::{Event, Fact, FileId, Moment, PackageId, SourceRef, State};
use std::collections::{BTreeMap, BTreeSet};

/// A history and a log may part by this much about the same change.
const NEAR_MS: i64 = 2_000;
/// What belongs to a change is told within this time of it.
const BESIDE_MS: i64 = 10_000;

/// Colons that may stand in a package's name.
const MOST_COLONS: usize = 8;

/// Gives rows that know only the display name of their package its GUID, if exactly one package has
/// the name. Returns how many rows of each file remain without one.
pub fn name(
    events: &mut [Event],
    histories: &BTreeSet<FileId>,
    names: &BTreeMap<PackageId, BTreeMap<String, u64>>,
) -> BTreeMap<FileId, u64> {
    let mut nameless: BTreeMap<FileId, BTreeSet<u32>> = BTreeMap::new();
    if histories.is_empty() {
        return BTreeMap::new();
    }
    let mut packages: BTreeMap<String, BTreeSet<PackageId>> = BTreeMap::new();
    for (package, spellings) in names {
        for name in spellings.keys() {
            packages.entry(folded(name)).or_default().insert(*package);
        }
    }
    for event in events {
        let source = event.sources[0];
        if event.package.is_some() || !histories.contains(&source.file) {
            continue;
        }
        // `Contoso VPN: Ready, Download completed`; a name may hold a colon itself.
        let colons = event
            .message
            .match_indices(": ")
            .map(|(at, _)| at)
            .take(MOST_COLONS);
        let fitting: BTreeSet<PackageId> = colons
            .filter_map(|at| packages.get(&folded(&event.message[..at])))
            .flatten()
            .copied()
            .collect();
        match (fitting.len(), fitting.first()) {
            (1, Some(only)) => event.package = Some(*only),
            _ => {
                nameless.entry(source.file).or_default().insert(source.line);
            }
        }
    }
    nameless
        .into_iter()
        .map(|(file, rows)| (file, rows.len() as u64))
        .collect()
}

fn folded(name: &str) -> String {
    name.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// Joins the rows of histories with the log records that tell the same.
pub fn tell_once(events: Vec<Event>, histories: &BTreeSet<FileId>) -> Vec<Event> {
    if histories.is_empty() {
        return events;
    }
    let (rows, mut logged): (Vec<Event>, Vec<Event>) = events
        .into_iter()
        .partition(|event| histories.contains(&event.sources[0].file));
    if rows.is_empty() {
        return logged;
    }
    let mut index: BTreeMap<PackageId, Vec<usize>> = BTreeMap::new();
    for (place, event) in logged.iter().enumerate() {
        if let (Some(package), true) = (event.package, event.record.is_some()) {
            index.entry(package).or_default().push(place);
        }
    }
    for places in index.values_mut() {
        places.sort_by_key(|place| (logged[*place].at.start, *place));
    }
    // Each history confirms a record once; another history may confirm it again.
    let mut taken: BTreeSet<(FileId, usize)> = BTreeSet::new();
    let mut told: BTreeMap<SourceRef, Moment> = BTreeMap::new();
    let mut kept = Vec::new();
    for mut row in rows {
        let source = row.sources[0];
        let near = |logged: &[Event], within: i64| -> Vec<usize> {
            let places = row.package.and_then(|package| index.get(&package));
            let places = places.map_or(&[][..], Vec::as_slice);
            let from =
                places.partition_point(|at| logged[*at].at.start < row.at.start - within - 1_000);
            places[from..]
                .iter()
                .take_while(|at| logged[**at].at.start <= row.at.end + within)
                .filter(|at| {
                    let other = &logged[**at];
                    let same_server = row.server == other.server || row.server.is_none();
                    same_server && apart(&row.at, &other.at) <= within
                })
                .copied()
                .collect()
        };
        if let Some(state) = state(&row.fact) {
            let best = near(&logged, NEAR_MS)
                .into_iter()
                .filter(|at| state_of_log(&logged[*at].fact, state))
                .filter(|at| !taken.contains(&(source.file, *at)))
                .min_by_key(|at| (apart(&row.at, &logged[*at].at), *at));
            if let Some(at) = best {
                taken.insert((source.file, at));
                told.insert(source, logged[at].at);
                logged[at].sources.push(source);
            } else {
                // Within its second it comes after what the log tells, unless it begins something.
                let ends = !matches!(state, State::Pending | State::Downloading | State::Assigned);
                let last = near(&logged, 0)
                    .into_iter()
                    .map(|at| logged[at].at.start + 1)
                    .max();
                if let Some(last) = last.filter(|last| ends && *last > row.at.start) {
                    row.at.start = last.min(row.at.end - 1);
                }
                kept.push(row);
            }
            continue;
        }
        // What stands beside a confirmed change: the log mostly says it as well.
        let confirmed = told.get(&source).copied();
        let same = near(&logged, BESIDE_MS)
            .into_iter()
            .filter(|at| confirmed.is_some() && same_kind(&logged[*at].fact, &row.fact))
            .min_by_key(|at| (apart(&row.at, &logged[*at].at), *at));
        match (same, confirmed) {
            (Some(at), _) => {
                if !logged[at].sources.contains(&source) {
                    logged[at].sources.push(source);
                }
            }
            (None, Some(at)) => {
                row.at = at;
                kept.push(row);
            }
            (None, None) => kept.push(row),
        }
    }
    logged.extend(kept);
    logged
}

fn state(fact: &Fact) -> Option<State> {
    match fact {
        Fact::StateChanged { to, .. } => Some(*to),
        Fact::StateSeen { state } => Some(*state),
        _ => None,
    }
}

/// Whether a log record tells that the package came into a state.
fn state_of_log(fact: &Fact, wanted: State) -> bool {
    match fact {
        Fact::StateChanged { to, .. } => *to == wanted,
        Fact::MarkedDeleted | Fact::Unassigned => wanted == State::Deleted,
        _ => false,
    }
}

/// Whether the log tells the same besides: a start is a start, however it is called.
fn same_kind(logged: &Fact, row: &Fact) -> bool {
    let group = |fact: &Fact| match fact {
        Fact::DownloadStarted | Fact::DownloadQueued | Fact::DownloadResumed { .. } => "start",
        Fact::DownloadFinished { .. } | Fact::Progress { percent: 100 } => "finish",
        Fact::DownloadFailed { .. }
        | Fact::DownloadGivenUp { .. }
        | Fact::FileFailed { .. }
        | Fact::NetworkFailed { .. }
        | Fact::AccessDenied { .. } => "fail",
        Fact::Unassigned | Fact::MarkedDeleted => "delete",
        other => other.kind(),
    };
    group(logged) == group(row)
}

/// Milliseconds between two moments; 0 if they overlap.
fn apart(one: &Moment, other: &Moment) -> i64 {
    (one.start - other.end + 1)
        .max(other.start - one.end + 1)
        .max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Record, Said, Wording};

    const LOG: FileId = FileId(0);
    const HISTORY: FileId = FileId(1);

    fn event(file: FileId, line: u32, from: i64, to: i64, fact: Fact) -> Event {
        Event {
            at: Moment {
                start: from,
                end: to,
                offset: None,
                shift: 0,
                fraction: false,
            },
            server: Some("PS01".into()),
            sources: [SourceRef { file, line }].into(),
            record: Some(Record::default()),
            said: Said {
                package: Some(PackageId(7)),
                fact,
                wording: Wording::Assumed,
                ..Said::default()
            }
            .into(),
        }
    }

    fn logged(line: u32, at: i64, fact: Fact) -> Event {
        event(LOG, line, at, at + 1, fact)
    }

    fn row(line: u32, second: i64, fact: Fact) -> Event {
        event(HISTORY, line, second * 1_000, second * 1_000 + 1_000, fact)
    }

    fn to(state: State) -> Fact {
        Fact::StateChanged {
            to: state,
            from: None,
        }
    }

    fn told(events: Vec<Event>) -> Vec<(String, i64, usize)> {
        let mut events = tell_once(events, &BTreeSet::from([HISTORY]));
        events.sort_by_key(|event| (event.at.start, event.sources[0]));
        let shown = |event: &Event| match &event.fact {
            Fact::StateChanged { to, .. } => to.name().to_owned(),
            other => other.kind().to_owned(),
        };
        events
            .iter()
            .map(|event| (shown(event), event.at.start, event.sources.len()))
            .collect()
    }

    fn finished() -> Fact {
        Fact::DownloadFinished { bytes: None }
    }

    #[test]
    fn a_quick_download_told_by_both_is_one() {
        let events = vec![
            logged(1, 9_200, to(State::Pending)),
            logged(2, 9_300, Fact::DownloadStarted),
            logged(3, 9_400, to(State::Downloading)),
            logged(4, 9_800, to(State::Ready)),
            row(1, 9, to(State::Pending)),
            row(2, 9, to(State::Downloading)),
            row(2, 9, Fact::DownloadStarted),
            row(3, 9, to(State::Ready)),
            row(3, 9, finished()),
        ];
        let expected = [
            ("Download Pending", 9_200, 2),
            ("download-started", 9_300, 2),
            ("Downloading", 9_400, 2),
            ("Ready", 9_800, 2),
            // Only the history says so; it goes with its change.
            ("download-finished", 9_800, 1),
        ];
        assert_eq!(
            told(events),
            expected.map(|(what, at, sources)| (what.to_owned(), at, sources))
        );
    }

    #[test]
    fn what_the_log_lacks_stays_and_each_record_is_confirmed_once() {
        let events = vec![
            logged(1, 9_200, to(State::Ready)),
            logged(2, 20_700, Fact::VerificationPassed),
            row(1, 10, to(State::Ready)),
            row(2, 11, to(State::Ready)),
            row(3, 20, to(State::Deleted)),
            row(4, 60, to(State::Pending)),
        ];
        let expected = [
            ("Ready", 9_200, 2),
            ("Ready", 11_000, 1),
            ("verification-passed", 20_700, 1),
            // The end of something comes after what the log tells in the same second.
            ("Deleted", 20_701, 1),
            ("Download Pending", 60_000, 1),
        ];
        assert_eq!(
            told(events),
            expected.map(|(what, at, sources)| (what.to_owned(), at, sources))
        );
    }

    #[test]
    fn another_package_server_or_time_confirms_nothing() {
        let mut other = logged(1, 9_200, to(State::Ready));
        other.package = Some(PackageId(8));
        let mut elsewhere = logged(2, 9_200, to(State::Ready));
        elsewhere.server = Some("PS02".into());
        let late = logged(3, 12_000, to(State::Ready));
        let events = vec![other, elsewhere, late, row(1, 9, to(State::Ready))];
        assert!(told(events).iter().all(|(_, _, sources)| *sources == 1));
        assert_eq!(told(Vec::new()), []);
    }

    #[test]
    fn a_name_that_one_package_has_is_that_package() {
        let names = [(1, "Contoso: VPN"), (2, "Reader"), (3, "reader")]
            .map(|(id, name)| (PackageId(id), BTreeMap::from([(name.to_owned(), 1_u64)])));
        let nameless = |line: u32, message: &str| {
            let mut event = row(line, 9, to(State::Ready));
            event.package = None;
            event.message = message.into();
            event
        };
        let mut events = vec![
            nameless(1, "contoso:  VPN: Ready"),
            nameless(2, "Reader: Ready"),
            nameless(3, "Nobody: Ready"),
        ];
        let left = name(
            &mut events,
            &BTreeSet::from([HISTORY]),
            &BTreeMap::from(names),
        );
        assert_eq!(left, BTreeMap::from([(HISTORY, 2)]));
        let packages: Vec<Option<PackageId>> = events.iter().map(|event| event.package).collect();
        assert_eq!(packages, [Some(PackageId(1)), None, None]);
    }
}
