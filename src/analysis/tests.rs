//! The state machine as a whole: every pair of states, and thousands of histories.

use super::downloads::walk;
use super::states::STATES;
use super::{Evidence, analyse};
use crate::model::{BlockOutcome, Event, Fact, FileId, Moment, PackageId, Said, SourceRef, State};
use std::collections::BTreeMap;

/// Whether a state may follow another, spelled out: rows and columns in the order of [`STATES`].
/// What the code says is `states::TRANSITIONS`; the two were written apart.
#[rustfmt::skip]
const EXPECTED: [(State, [bool; 8]); 8] = {
    const Y: bool = true;
    const N: bool = false;
    [
        // to:               Unknown Assigned Pending Downl. Ready Retry. Invalid Deleted
        (State::Unknown,     [Y,     Y,       Y,      Y,     Y,    Y,     Y,      Y]),
        (State::Assigned,    [Y,     Y,       Y,      Y,     Y,    N,     Y,      Y]),
        (State::Pending,     [Y,     N,       Y,      Y,     Y,    Y,     Y,      Y]),
        (State::Downloading, [Y,     N,       Y,      Y,     Y,    Y,     Y,      Y]),
        (State::Ready,       [Y,     Y,       Y,      Y,     Y,    N,     Y,      Y]),
        (State::Retrying,    [Y,     N,       Y,      Y,     Y,    Y,     Y,      Y]),
        (State::Invalid,     [Y,     Y,       Y,      Y,     Y,    Y,     Y,      Y]),
        (State::Deleted,     [Y,     Y,       Y,      Y,     Y,    N,     Y,      Y]),
    ]
};

fn may_follow(from: State, to: State) -> bool {
    let place = |state| STATES.iter().position(|one| *one == state).unwrap();
    EXPECTED[place(from)].1[place(to)]
}

fn moment(second: i64) -> Moment {
    Moment::exact(second * 1000, None)
}

fn event(second: i64, fact: Fact) -> Event {
    Event {
        at: moment(second),
        server: None,
        sources: [SourceRef {
            file: FileId(0),
            line: u32::try_from(second).unwrap(),
        }]
        .into(),
        record: None,
        said: Said {
            package: Some(PackageId(1)),
            fact,
            ..Said::default()
        }
        .into(),
    }
}

#[test]
fn a_record_is_cited_from_the_log_rather_than_from_a_ticket_that_copies_it() {
    let cited = |copies: &[u32]| {
        let mut events = [
            event(1, Fact::DownloadStarted),
            event(5, Fact::DownloadFinished { bytes: None }),
        ];
        for one in &mut events {
            let line = one.sources[0].line;
            let file = FileId(1);
            one.sources.push(SourceRef { file, line });
        }
        let found = analyse(&Evidence {
            events: &events,
            index: &crate::analysis::index::Index::of(&events),
            snapshots: &[],
            statuses: &[],
            listings: &[],
            logs: &crate::analysis::coverage::Logs::default(),
            names: &BTreeMap::new(),
            unused_for_ms: None,
            unused_for: &BTreeMap::new(),
            never_deleted: &BTreeMap::new(),
            refresh_every_ms: None,
            copies: &copies.iter().map(|file| FileId(*file)).collect(),
        });
        let download = &found.packages[0].downloads[0];
        let completed = download.completed_source.unwrap();
        (download.source.file.0, completed.file.0)
    };
    assert_eq!(cited(&[]), (0, 0));
    assert_eq!(cited(&[0]), (1, 1));
    assert_eq!(cited(&[0, 1]), (0, 0));
}

/// The illegal steps of a history: at which line, from and to which state.
fn illegal(events: &[Event], gaps: &[(Moment, Moment)]) -> Vec<(u32, State, State)> {
    let events: Vec<&Event> = events.iter().collect();
    walk(&events, gaps, None)
        .illegal
        .into_iter()
        .map(|(index, from, to)| (events[index].sources[0].line, from, to))
        .collect()
}

#[test]
fn walking_each_of_the_64_pairs_is_legal_or_not_as_spelled_out() {
    let mut pairs = 0;
    for (from, row) in EXPECTED {
        for (to, legal) in STATES.into_iter().zip(row) {
            let step = |second, to| event(second, Fact::StateChanged { to, from: None });
            let expected = if legal { vec![] } else { vec![(2, from, to)] };
            assert_eq!(
                illegal(&[step(1, from), step(2, to)], &[]),
                expected,
                "{} -> {}",
                from.name(),
                to.name()
            );
            pairs += 1;
        }
    }
    assert_eq!(pairs, 64);
}

/// A small deterministic generator (xorshift64*).
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// Facts that put a package that is in the state `now` into the state `to`.
fn facts(now: State, to: State) -> Vec<Fact> {
    let mut all = vec![
        Fact::StateChanged { to, from: None },
        Fact::StateChanged {
            to,
            from: Some(now),
        },
        Fact::StateSeen { state: to },
    ];
    all.extend(match to {
        State::Assigned if matches!(now, State::Unknown | State::Deleted) => vec![Fact::Assigned],
        State::Pending => vec![Fact::DownloadQueued],
        State::Downloading => vec![
            Fact::DownloadStarted,
            Fact::DownloadResumed { attempt: Some(2) },
            Fact::Progress { percent: 40 },
            Fact::Block {
                number: 1,
                of: None,
                outcome: BlockOutcome::Downloaded,
                file: None,
            },
        ],
        State::Ready if now == State::Unknown => vec![Fact::VerificationPassed],
        State::Ready => vec![
            Fact::DownloadFinished { bytes: None },
            Fact::Progress { percent: 100 },
        ],
        State::Retrying if matches!(now, State::Pending | State::Downloading) => {
            vec![Fact::DownloadFailed {
                code: None,
                busy: false,
                older: false,
            }]
        }
        State::Invalid => vec![
            Fact::StateChanged {
                to: State::NotReady,
                from: None,
            },
            Fact::DownloadGivenUp { code: None },
        ],
        State::Deleted => vec![Fact::MarkedDeleted, Fact::CleanedUp, Fact::Unassigned],
        _ => vec![],
    });
    all
}

/// A history with the state after each event, and its gaps.
#[derive(Default)]
struct Tale {
    events: Vec<Event>,
    states: Vec<State>,
    gaps: Vec<(Moment, Moment)>,
}

impl Tale {
    fn now(&self) -> State {
        self.states.last().copied().unwrap_or(State::Unknown)
    }

    fn second(&self) -> i64 {
        10 * (i64::try_from(self.events.len()).unwrap() + 1)
    }

    fn step(&mut self, dice: &mut Seeded, to: State) {
        let fact = dice.pick(&facts(self.now(), to));
        self.events.push(event(self.second(), fact));
        self.states.push(to);
    }

    /// Legal steps, facts that say nothing about the state, and gaps in the log.
    fn go_on(&mut self, dice: &mut Seeded, steps: usize) {
        for _ in 0..steps {
            match dice.below(8) {
                0 => {
                    let noise = [
                        Fact::Other,
                        Fact::RefreshFinished,
                        Fact::VerificationStarted,
                        Fact::ShareRemoved,
                    ];
                    let noise = dice.pick(&noise);
                    self.events.push(event(self.second(), noise));
                    self.states.push(self.now());
                }
                1 if !self.events.is_empty() => {
                    let from = self.second() - 5;
                    let to = State::ALL.map(super::states::analysis_state);
                    let to = dice.pick(&to);
                    self.gaps.push((moment(from), moment(from + 2)));
                    let fact = dice.pick(&facts(State::Unknown, to));
                    self.events.push(event(self.second(), fact));
                    self.states.push(to);
                }
                _ => {
                    let now = self.now();
                    let legal: Vec<State> = STATES
                        .into_iter()
                        .filter(|to| may_follow(now, *to))
                        .collect();
                    let to = dice.pick(&legal);
                    self.step(dice, to);
                }
            }
        }
    }
}

#[test]
fn ten_thousand_legal_histories_have_no_illegal_step() {
    let mut dice = Seeded(0x5EED);
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..10_000 {
        let mut tale = Tale::default();
        let steps = 1 + dice.below(30);
        tale.go_on(&mut dice, steps);
        let found = illegal(&tale.events, &tale.gaps);
        assert_eq!(found, [], "{:#?}", tale.events);
        reached.extend(tale.states.windows(2).map(|pair| (pair[0], pair[1])));
    }
    // All pairs were walked, the illegal ones over a gap only.
    assert_eq!(reached.len(), 64);
}

#[test]
fn one_illegal_step_is_found_at_its_record_each_time() {
    let mut dice = Seeded(0xBAD_5EED);
    for round in 0..10_000 {
        let mut tale = Tale::default();
        let before = 1 + dice.below(15);
        tale.go_on(&mut dice, before);
        let barred = |now: State| STATES.into_iter().find(|to| !may_follow(now, *to));
        // Some states may be followed by any.
        while barred(tale.now()).is_none() {
            tale.go_on(&mut dice, 1);
        }
        let now = tale.now();
        let to = barred(now).unwrap();
        let line = u32::try_from(tale.second()).unwrap();
        tale.step(&mut dice, to);
        // The package really went there, or the record was a stray one and all goes on as before.
        if round % 2 == 0 {
            *tale.states.last_mut().unwrap() = now;
        }
        let after = dice.below(15);
        tale.go_on(&mut dice, after);
        let found = illegal(&tale.events, &tale.gaps);
        assert_eq!(found, [(line, now, to)], "{:#?}", tale.events);
    }
}
