//! The states of a package on a server, and which may follow which.

use crate::model::{Event, Fact, State};

/// The eight states of the analysis, in the order of a package's life. `Not Ready` is `Invalid`.
pub const STATES: [State; 8] = [
    State::Unknown,
    State::Assigned,
    State::Pending,
    State::Downloading,
    State::Ready,
    State::Retrying,
    State::Invalid,
    State::Deleted,
];

/// Why one state may follow another.
pub struct Transition {
    pub from: State,
    pub to: State,
    pub why: &'static str,
}

/// The legal transitions. What is not here is a contradiction in the evidence: a lost record or
/// a fact of another package. `Unknown` may become anything and anything may become `Unknown`
/// (a gap in the log), so neither is listed.
#[rustfmt::skip]
pub const TRANSITIONS: &[Transition] = &[
    Transition { from: State::Assigned, to: State::Pending, why: "the refresh after the assignment" },
    Transition { from: State::Assigned, to: State::Downloading, why: "the same, where the log does not tell the wait" },
    Transition { from: State::Assigned, to: State::Ready, why: "the files were still there when it was assigned again" },
    Transition { from: State::Assigned, to: State::Invalid, why: "assigned, but its information could not be had" },
    Transition { from: State::Assigned, to: State::Deleted, why: "unassigned before anything was downloaded" },
    Transition { from: State::Pending, to: State::Downloading, why: "its turn came" },
    Transition { from: State::Pending, to: State::Ready, why: "nothing had to be downloaded" },
    Transition { from: State::Pending, to: State::Retrying, why: "the first request failed" },
    Transition { from: State::Pending, to: State::Invalid, why: "given up before the first attempt" },
    Transition { from: State::Pending, to: State::Deleted, why: "unassigned while it waited" },
    Transition { from: State::Downloading, to: State::Ready, why: "the download finished" },
    Transition { from: State::Downloading, to: State::Retrying, why: "the attempt failed" },
    Transition { from: State::Downloading, to: State::Pending, why: "interrupted, as by a restart of the agent" },
    Transition { from: State::Downloading, to: State::Invalid, why: "given up" },
    Transition { from: State::Downloading, to: State::Deleted, why: "unassigned while it was downloaded" },
    Transition { from: State::Retrying, to: State::Downloading, why: "the next attempt" },
    Transition { from: State::Retrying, to: State::Pending, why: "queued for the next attempt" },
    Transition { from: State::Retrying, to: State::Ready, why: "the missing blocks were had after all" },
    Transition { from: State::Retrying, to: State::Invalid, why: "no more retries" },
    Transition { from: State::Retrying, to: State::Deleted, why: "unassigned while it was retried" },
    Transition { from: State::Ready, to: State::Pending, why: "a refresh found something to download" },
    Transition { from: State::Ready, to: State::Downloading, why: "the same, where the log does not tell the wait" },
    Transition { from: State::Ready, to: State::Invalid, why: "a check failed" },
    Transition { from: State::Ready, to: State::Deleted, why: "unassigned or deleted from the database" },
    Transition { from: State::Ready, to: State::Assigned, why: "assigned again" },
    Transition { from: State::Invalid, to: State::Pending, why: "the next refresh tries again" },
    Transition { from: State::Invalid, to: State::Downloading, why: "the same, where the log does not tell the wait" },
    Transition { from: State::Invalid, to: State::Ready, why: "a check found the files whole" },
    Transition { from: State::Invalid, to: State::Retrying, why: "the next request failed too" },
    Transition { from: State::Invalid, to: State::Deleted, why: "unassigned" },
    Transition { from: State::Invalid, to: State::Assigned, why: "assigned again" },
    Transition { from: State::Deleted, to: State::Assigned, why: "assigned again" },
    Transition { from: State::Deleted, to: State::Pending, why: "assigned again, where the log does not tell it" },
    Transition { from: State::Deleted, to: State::Downloading, why: "the same" },
    Transition { from: State::Deleted, to: State::Ready, why: "assigned again before the files were deleted" },
    Transition { from: State::Deleted, to: State::Invalid, why: "assigned again; nothing there yet" },
];

/// The analysis state that the product's word belongs to.
pub fn analysis_state(state: State) -> State {
    if state == State::NotReady {
        State::Invalid
    } else {
        state
    }
}

/// Why `to` may follow `from`, if it may.
pub fn legal(from: State, to: State) -> Option<&'static str> {
    let (from, to) = (analysis_state(from), analysis_state(to));
    if from == to {
        return Some("no change");
    }
    if from == State::Unknown || to == State::Unknown {
        return Some("a stretch that the evidence does not cover");
    }
    TRANSITIONS
        .iter()
        .find(|one| one.from == from && one.to == to)
        .map(|one| one.why)
}

/// The state that an event puts the package in, by word or by what happened; `None` if it says nothing.
pub fn state_after(event: &Event, now: State) -> Option<State> {
    Some(match &event.fact {
        Fact::StateChanged { to, .. } => *to,
        Fact::StateSeen { state } => *state,
        Fact::DownloadQueued => State::Pending,
        Fact::DownloadStarted | Fact::DownloadResumed { .. } | Fact::Block { .. } => {
            State::Downloading
        }
        Fact::Progress { percent } if *percent < 100 => State::Downloading,
        Fact::DownloadFinished { .. } | Fact::Progress { .. } => State::Ready,
        // "Failed" before anything was begun leaves the state alone: a refused refresh is no attempt.
        Fact::DownloadFailed { .. } if matches!(now, State::Downloading | State::Pending) => {
            State::Retrying
        }
        Fact::DownloadGivenUp { .. } => State::Invalid,
        Fact::MarkedDeleted | Fact::CleanedUp | Fact::Unassigned => State::Deleted,
        // Whole files are what Ready means, but a check says nothing against a state that is known.
        Fact::VerificationPassed if now == State::Unknown => State::Ready,
        Fact::Assigned if matches!(now, State::Unknown | State::Deleted) => State::Assigned,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_transition_is_listed_twice_and_each_has_a_reason() {
        for (place, one) in TRANSITIONS.iter().enumerate() {
            assert!(!one.why.is_empty());
            assert_ne!(one.from, one.to);
            assert!(STATES.contains(&one.from) && STATES.contains(&one.to));
            let twin = TRANSITIONS[..place]
                .iter()
                .any(|other| (other.from, other.to) == (one.from, one.to));
            assert!(!twin, "{:?} -> {:?} is listed twice", one.from, one.to);
        }
    }

    #[test]
    fn the_table_of_all_pairs_reads() {
        let mut table = String::new();
        for from in STATES {
            let row: String = STATES
                .iter()
                .map(|to| if legal(from, *to).is_some() { '+' } else { '.' })
                .collect();
            table += &format!("{row} {}\n", from.name());
        }
        // Columns in the order of the rows.
        let expected = "\
++++++++ Unknown
+++++.++ Assigned
+.++++++ Download Pending
+.++++++ Downloading
+++++.++ Ready
+.++++++ Retrying Download
++++++++ Invalid
+++++.++ Deleted
";
        assert_eq!(table, expected);
    }
}
