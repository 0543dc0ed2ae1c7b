//! Memory of patterns for each of a few threads. A pattern that is tried needs memory of its own; where
//! several threads share one, it comes by a lock for all but the first of them, which takes as long as
//! to try a short message.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Threads that read side by side without sharing; more of them share.
pub(super) const LANES: usize = 4;

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Threads that try their first pattern one after the other have different ones.
    static LANE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % LANES;
}

/// The lane of this thread.
pub(super) fn lane() -> usize {
    LANE.with(|lane| *lane)
}

/// A pattern with a copy for each lane, made when it is asked for; all share what was compiled.
pub(super) struct Lanes<R> {
    first: R,
    copies: [OnceLock<R>; LANES],
}

impl<R: Clone> Lanes<R> {
    pub(super) fn of(first: R) -> Lanes<R> {
        Lanes {
            first,
            copies: [const { OnceLock::new() }; LANES],
        }
    }

    /// The one for this thread.
    pub(super) fn own(&self) -> &R {
        self.copies[lane()].get_or_init(|| self.first.clone())
    }
}
