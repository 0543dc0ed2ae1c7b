//! Records to downloads: cuts the history of one package into downloads with attempts.
//!
//! A download is opened by the first record that speaks of it and closed when it finishes or is
//! given up. The retries of an unfinished download are its attempts. Records about one download
//! do not come in one order on every server (100 %, "finished" and "Ready" may change places), so
//! a finished download stays open for a better completion record until something else begins.

use super::states::{legal, state_after};
use crate::model::{Attempt, Download, Event, Fact, Moment, Outcome, SourceRef, State, StateSpan};

/// A download with what the analysis needs to know about how it began.
#[derive(Debug, Clone)]
pub struct Found {
    pub download: Download,
    /// Whether it is a re-download (`contract.md`, "Re-downloads").
    pub again: bool,
    /// The moment of the decision: the change to Download Pending, else the start.
    pub decided: Moment,
    /// Place of the decision among the package's events.
    pub decided_index: usize,
    /// Place of the last event that belongs to it.
    pub end_index: usize,
    /// When it was given up, and where that stands.
    pub given_up_at: Option<(Moment, SourceRef)>,
    /// How many attempts it had, if the record that gives it up says so.
    pub stated_attempts: Option<usize>,
    /// The first time since the download before that the package was known to be Ready. Not the
    /// last: Ready goes stale, so what happened since the first counts.
    pub ready_before: Option<(Moment, SourceRef)>,
    /// How good the completion record is: 3 "finished", 2 "100 %", 1 "Ready".
    completion_rank: u8,
    /// Whether a record says that it was started or queued.
    start_stated: bool,
}

/// Records about one start come within this time, in any order.
const SAME_START_MS: i64 = 10_000;

/// What the walk over one package's events gives.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub downloads: Vec<Found>,
    pub spans: Vec<StateSpan>,
    /// The last known state.
    pub state: Option<State>,
    /// Steps that the table of legal transitions does not have: (event index, from, to).
    pub illegal: Vec<(usize, State, State)>,
}

/// A failure this long after another is one of another attempt, although no record begins it: the
/// first retry follows after 3 minutes (article 181098).
const NEXT_ATTEMPT_MS: i64 = 120_000;

/// A completion this soon after another belongs to the same download.
const SAME_COMPLETION_MS: i64 = 120_000;

/// Walks over the events of one package on one server, in order.
///
/// `ends` is the end of the evidence: open states last until there. `gaps` are the stretches that
/// no log of this server covers; in one, the state becomes Unknown.
pub fn walk(events: &[&Event], gaps: &[(Moment, Moment)], ends: Option<Moment>) -> History {
    let mut walk = Walk {
        history: History::default(),
        state: State::Unknown,
        open: None,
        ready: None,
        ready_since: None,
        captured_ready: None,
        was_done: false,
        doubted: None,
    };
    let mut next_gap = 0;
    for (index, event) in events.iter().enumerate() {
        while let Some((from, _)) = gaps
            .get(next_gap)
            .filter(|(from, _)| from.start <= event.at.start)
        {
            if walk.state != State::Unknown && !walk.history.spans.is_empty() {
                let source = event.sources[0];
                walk.enter(State::Unknown, *from, source, None);
            }
            next_gap += 1;
        }
        walk.step(index, event);
    }
    if let (Some(last), Some(ends)) = (walk.history.spans.last_mut(), ends) {
        last.to = if ends.start > last.from.start {
            ends
        } else {
            last.from
        };
    }
    if let Some(open) = walk.open.take() {
        walk.history.downloads.push(open);
    }
    walk.history.state = (walk.state != State::Unknown)
        .then_some(walk.state)
        .or_else(|| {
            walk.history
                .spans
                .iter()
                .rev()
                .map(|span| span.state)
                .find(|state| *state != State::Unknown)
        });
    walk.history
}

struct Walk {
    history: History,
    state: State,
    /// The download that is under way, or has just finished.
    open: Option<Found>,
    /// The last time the package was known to be Ready.
    ready: Option<(Moment, SourceRef)>,
    /// The first time since the last download began.
    ready_since: Option<(Moment, SourceRef)>,
    /// The first time since then that a captured status file said so. Its time may be wide, and a
    /// download that began within it may be the reason why it says Ready.
    captured_ready: Option<(Moment, SourceRef)>,
    /// Whether a download had completed, or one was given up and left the retry cycle.
    was_done: bool,
    /// The state before an illegal step: which of the two was right only the next step tells.
    doubted: Option<State>,
}

impl Walk {
    fn step(&mut self, index: usize, event: &Event) {
        let (at, source) = (event.at, event.sources[0]);
        let was_ready = self.state == State::Ready;
        if let Some(state) = state_after(event, self.state) {
            if let Fact::StateChanged {
                from: Some(State::Ready),
                to,
            } = &event.fact
            {
                // The record itself says that it was Ready until now, whatever the log lacks.
                let begun_just_now = self
                    .open
                    .as_ref()
                    .is_some_and(|open| at.start <= open.decided.start + SAME_START_MS);
                if self.state != State::Ready && *to == State::Pending && !begun_just_now {
                    self.finish(at, source, 0, index);
                }
                if *to != State::Ready {
                    self.ready = self
                        .ready
                        .filter(|(moment, _)| moment.start > at.start)
                        .or(Some((at, source)));
                    self.ready_since.get_or_insert((at, source));
                }
            }
            self.enter(state, at, source, Some(index));
        }
        match &event.fact {
            Fact::StateChanged {
                to: State::Pending, ..
            }
            | Fact::DownloadQueued => {
                let queued = event.fact == Fact::DownloadQueued;
                self.begin(at, source, index, queued, false);
            }
            // Told in passing, it is the change all the same if it was Ready until then.
            Fact::StateSeen {
                state: State::Pending,
            } if was_ready => self.begin(at, source, index, false, false),
            Fact::DownloadStarted => self.begin(at, source, index, true, true),
            Fact::DownloadResumed { .. } => {
                // The next attempt of a download that has failed once is not its start.
                let next = self
                    .open
                    .as_ref()
                    .and_then(|open| open.download.attempts.last())
                    .is_some_and(|last| matches!(last.outcome, Outcome::Failed(_)));
                self.begin(at, source, index, !next, true);
            }
            Fact::StateChanged {
                to: State::Downloading,
                ..
            }
            | Fact::StateSeen {
                state: State::Downloading,
            } => {
                self.begin(at, source, index, false, true);
            }
            Fact::Block { .. } | Fact::BlocksNeeded { .. } => {
                self.carry_on(at, source, index);
                if let (Fact::BlocksNeeded { needed, of }, Some(open)) =
                    (&event.fact, self.open.as_mut())
                {
                    open.download.blocks_needed.get_or_insert((*needed, *of));
                }
            }
            Fact::Progress { percent } if *percent < 100 => self.carry_on(at, source, index),
            Fact::Progress { .. } => self.finish(at, source, 2, index),
            Fact::DownloadFinished { bytes } => {
                self.finish(at, source, 3, index);
                if let (Some(bytes), Some(open)) = (bytes, self.open.as_mut()) {
                    open.download.bytes = Some(*bytes);
                }
            }
            Fact::StateChanged {
                to: State::Ready, ..
            }
            | Fact::StateSeen {
                state: State::Ready,
            } => {
                self.finish(at, source, 1, index);
                self.ready = Some((at, source));
                self.ready_since.get_or_insert((at, source));
            }
            Fact::StatusCaptured {
                state: Some(State::Ready),
            } => {
                self.captured_ready.get_or_insert((at, source));
            }
            Fact::VerificationPassed if self.state == State::Ready => {
                self.ready = Some((at, source));
                self.ready_since.get_or_insert((at, source));
            }
            Fact::DownloadFailed { code, .. } => {
                self.fail_again(at, source);
                self.fail(at, *code, index);
            }
            Fact::StateChanged {
                to: State::Retrying,
                ..
            } => self.fail(at, None, index),
            Fact::DownloadGivenUp { code } => {
                self.fail(at, *code, index);
                self.count_attempts(at, &event.message);
                self.give_up(at, source, index);
            }
            Fact::StateChanged {
                to: State::Invalid | State::NotReady | State::Deleted,
                ..
            }
            | Fact::MarkedDeleted
            | Fact::Unassigned
            | Fact::CleanedUp => self.give_up(at, source, index),
            _ => {}
        }
    }

    /// Notes the state and its stretch.
    fn enter(&mut self, state: State, at: Moment, source: SourceRef, index: Option<usize>) {
        if state == self.state {
            return;
        }
        // A stray record makes two illegal steps, there and back; the one that is told is its own.
        let doubted = self.doubted.take();
        // Moments that overlap have no order, unless one file tells both.
        let last = self.history.spans.last();
        let ordered =
            last.is_none_or(|last| last.source.file == source.file || last.from.before(&at));
        if let Some(index) = index
            && ordered
            && legal(self.state, state).is_none()
            && doubted.is_none_or(|before| legal(before, state).is_none())
        {
            self.history.illegal.push((index, self.state, state));
            self.doubted = Some(self.state);
        }
        if let Some(last) = self.history.spans.last_mut() {
            last.to = at;
        }
        self.state = state;
        self.history.spans.push(StateSpan {
            state,
            from: at,
            to: at,
            source,
        });
    }

    /// A record that a download is wanted (`active` false) or runs.
    fn begin(&mut self, at: Moment, source: SourceRef, index: usize, stated: bool, active: bool) {
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.download.completed.is_some())
        {
            self.close();
        }
        let Some(open) = self.open.as_mut() else {
            let captured = self
                .captured_ready
                .take()
                .filter(|(ready, _)| ready.before(&at));
            let again = self.ready.is_some() || captured.is_some() || self.was_done;
            let told = self.ready_since.take();
            let ready_before = told
                .into_iter()
                .chain(captured)
                .min_by_key(|(ready, _)| ready.start);
            let attempts = vec![Attempt::begun(at, source)];
            self.open = Some(Found {
                download: Download {
                    started: at,
                    source,
                    completed: None,
                    completed_source: None,
                    attempts,
                    given_up: false,
                    blocks_needed: None,
                    bytes: None,
                },
                again,
                decided: at,
                decided_index: index,
                end_index: index,
                given_up_at: None,
                stated_attempts: None,
                ready_before,
                completion_rank: 0,
                start_stated: stated,
            });
            return;
        };
        open.end_index = index;
        if stated && !open.start_stated && open.download.attempts.len() == 1 {
            // "Pending" came first; now a record says that it was started or queued.
            open.start_stated = true;
            open.download.started = at;
            open.download.source = source;
            if open.download.attempts[0].outcome == Outcome::Open {
                open.download.attempts[0].started = at;
                open.download.attempts[0].source = source;
            }
            return;
        }
        let failed = open
            .download
            .attempts
            .last()
            .is_some_and(|last| last.outcome != Outcome::Open);
        if active && failed {
            open.download.attempts.push(Attempt::begun(at, source));
        }
    }

    /// A record of work on a download: it runs, even where its start is not in the log.
    fn carry_on(&mut self, at: Moment, source: SourceRef, index: usize) {
        match self.open.as_mut() {
            Some(open)
                if open
                    .download
                    .completed
                    .is_some_and(|done| at.start > done.start + SAME_COMPLETION_MS) =>
            {
                self.begin(at, source, index, false, true);
            }
            Some(open) => {
                open.end_index = index;
                let failed = matches!(open.download.attempts.last(), Some(last) if matches!(last.outcome, Outcome::Failed(_)));
                if failed {
                    open.download.attempts.push(Attempt::begun(at, source));
                }
            }
            None => self.begin(at, source, index, false, true),
        }
    }

    /// A record that the download finished; `rank` says how good a record it is, 0 that it follows only.
    fn finish(&mut self, at: Moment, source: SourceRef, rank: u8, index: usize) {
        if self.open.is_none() {
            // A bare Ready says nothing about a download; "finished" and "100 %" do, but not twice about the last one.
            let told = self
                .history
                .downloads
                .last()
                .and_then(|last| last.download.completed);
            let same = told.is_some_and(|done| at.start <= done.start + SAME_COMPLETION_MS);
            if rank < 2 || same {
                return;
            }
            self.begin(at, source, index, false, true);
        }
        let Some(open) = self.open.as_mut() else {
            return;
        };
        let done = open.download.completed;
        if let Some(done) = done
            && at.start > done.start + SAME_COMPLETION_MS
        {
            if rank >= 2 {
                self.begin(at, source, index, false, true);
                self.finish(at, source, rank, index);
            }
            return;
        }
        if done.is_none() && rank == 0 {
            // Its end is not in the evidence, only that it had ended.
            self.close();
            self.was_done = true;
            return;
        }
        open.end_index = index;
        if rank > open.completion_rank {
            open.completion_rank = rank;
            open.download.completed = Some(at);
            open.download.completed_source = Some(source);
            if let Some(last) = open.download.attempts.last_mut() {
                last.ended = Some(at);
                last.outcome = Outcome::Completed;
            }
        }
        self.was_done = true;
    }

    /// A failure some minutes after a failure ends an attempt whose begin the log does not tell.
    fn fail_again(&mut self, at: Moment, source: SourceRef) {
        let open = self.open.as_mut();
        let Some(open) = open.filter(|open| open.download.completed.is_none()) else {
            return;
        };
        let failed = open.download.attempts.last().is_some_and(|last| {
            matches!(last.outcome, Outcome::Failed(_))
                && last
                    .ended
                    .is_some_and(|ended| at.start >= ended.end + NEXT_ATTEMPT_MS)
        });
        if failed {
            open.download.attempts.push(Attempt::begun(at, source));
        }
    }

    /// Takes over how many attempts the record counts that gives a download up. The state may have
    /// left the retry cycle just before it.
    fn count_attempts(&mut self, at: Moment, message: &str) {
        let just_closed = |last: &&mut Found| {
            let given_up = last.given_up_at;
            given_up.is_some_and(|(when, _)| at.start <= when.start + SAME_START_MS)
        };
        let given_up = match self.open.as_mut() {
            Some(open) => Some(open).filter(|open| open.download.completed.is_none()),
            None => self.history.downloads.last_mut().filter(just_closed),
        };
        if let Some(given_up) = given_up {
            given_up.stated_attempts = stated_attempts(message).or(given_up.stated_attempts);
        }
    }

    fn fail(&mut self, at: Moment, code: Option<u32>, index: usize) {
        let Some(open) = self
            .open
            .as_mut()
            .filter(|open| open.download.completed.is_none())
        else {
            return;
        };
        open.end_index = index;
        if let Some(last) = open.download.attempts.last_mut() {
            match last.outcome {
                Outcome::Open => {
                    last.ended = Some(at);
                    last.outcome = Outcome::Failed(code);
                }
                Outcome::Failed(None) => last.outcome = Outcome::Failed(code),
                _ => {}
            }
        }
    }

    fn give_up(&mut self, at: Moment, source: SourceRef, index: usize) {
        let unfinished = self
            .open
            .as_ref()
            .is_some_and(|open| open.download.completed.is_none());
        if unfinished && let Some(open) = self.open.as_mut() {
            open.end_index = index;
            open.download.given_up = true;
            open.given_up_at = Some((at, source));
            if let Some(last) = open.download.attempts.last_mut()
                && last.outcome == Outcome::Open
            {
                last.ended = Some(at);
                last.outcome = Outcome::Failed(None);
            }
            self.was_done = true;
        }
        self.close();
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.history.downloads.push(open);
        }
    }
}

/// The number in `after 4 attempts`.
fn stated_attempts(message: &str) -> Option<usize> {
    let words: Vec<&str> = message
        .split(|one: char| !one.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(2).find_map(|pair| {
        let counted = matches!(
            pair[1].to_lowercase().as_str(),
            "attempt" | "attempts" | "tries"
        );
        let number = pair[0].parse().ok().filter(|number| *number > 0);
        number.filter(|_| counted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileId, PackageId, Said};

    fn event(second: i64, lasts: i64, fact: Fact) -> Event {
        let start = second * 1000;
        Event {
            at: Moment {
                end: start + lasts * 1000,
                ..Moment::exact(start, None)
            },
            server: None,
            sources: [SourceRef {
                file: FileId(0),
                line: 1,
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

    fn state(to: State) -> Fact {
        Fact::StateChanged { to, from: None }
    }

    fn downloads(events: &[Event]) -> Vec<Found> {
        let events: Vec<&Event> = events.iter().collect();
        walk(&events, &[], None).downloads
    }

    #[test]
    fn the_next_attempt_is_not_the_start() {
        let found = downloads(&[
            event(10, 1, state(State::Pending)),
            event(15, 1, state(State::Retrying)),
            event(300, 1, Fact::DownloadResumed { attempt: Some(2) }),
            event(400, 1, state(State::Ready)),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].download.started.start, 10_000);
        assert_eq!(found[0].download.attempts.len(), 2);
        // Without a failure before it, it is the record that says so.
        let resumed = downloads(&[
            event(10, 1, state(State::Pending)),
            event(15, 1, Fact::DownloadResumed { attempt: None }),
        ]);
        assert_eq!(resumed[0].download.started.start, 15_000);
    }

    #[test]
    fn failures_minutes_apart_are_attempts_of_one_download() {
        let failed = || Fact::DownloadFailed {
            code: Some(5),
            busy: false,
            older: false,
        };
        let attempts = |second: i64| {
            let history = [
                event(10, 1, Fact::DownloadStarted),
                event(20, 1, failed()),
                event(second, 1, failed()),
                event(second + 900, 1, Fact::DownloadGivenUp { code: None }),
            ];
            downloads(&history)[0].download.attempts.len()
        };
        assert_eq!((attempts(140), attempts(141)), (1, 2));
        // One that a record begins is not counted twice.
        let told = [
            event(10, 1, Fact::DownloadStarted),
            event(20, 1, failed()),
            event(200, 1, Fact::DownloadResumed { attempt: None }),
            event(201, 1, failed()),
        ];
        assert_eq!(downloads(&told)[0].download.attempts.len(), 2);
    }

    #[test]
    fn the_record_that_gives_up_counts_best() {
        let stated = |message: &str, state_first: bool| {
            let mut given_up = event(30, 1, Fact::DownloadGivenUp { code: None });
            given_up.message = message.into();
            let mut history = vec![event(10, 1, Fact::DownloadStarted)];
            if state_first {
                history.push(event(29, 1, state(State::NotReady)));
            }
            history.push(given_up);
            downloads(&history)[0].stated_attempts
        };
        let told = "Giving up on package {1EC214B8-E862-44A9-B3A6-27D918D136A2} after 4 attempts";
        assert_eq!(stated(told, false), Some(4));
        assert_eq!(stated(told, true), Some(4));
        assert_eq!(stated("No more attempts; 4 blocks", false), None);
    }

    #[test]
    fn a_step_between_two_files_in_one_minute_is_not_judged() {
        let steps = |file: u32, second: i64| {
            let mut history = [
                event(0, 60, state(State::Ready)),
                event(second, 60, state(State::Retrying)),
            ];
            history[1].sources[0].file = FileId(file);
            let events: Vec<&Event> = history.iter().collect();
            walk(&events, &[], None).illegal.len()
        };
        assert_eq!((steps(0, 30), steps(1, 30), steps(1, 60)), (1, 0, 1));
    }

    #[test]
    fn a_status_file_from_the_minute_of_the_first_download_does_not_make_it_another() {
        let ready = Fact::StatusCaptured {
            state: Some(State::Ready),
        };
        let again = |lasts: i64| {
            let history = [
                event(0, lasts, ready.clone()),
                event(30, 1, state(State::Pending)),
                event(50, 1, state(State::Ready)),
            ];
            downloads(&history)[0].again
        };
        assert!(!again(60));
        assert!(again(1));
    }
}
