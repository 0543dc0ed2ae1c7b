//! The blocks of a log, cut where a record begins, for several threads that fill them.

use super::steps::OPEN;
use super::{BLOCK, Part, Portion};
use crate::evidence::Stretch;
use crate::ingest::blocks::{self, Blocks};
use crate::model::lock::locked;
use memchr::memmem;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread::{panicking, sleep, yield_now};
use std::time::Duration;

/// Cuts what a reader gives into parts that end where a record begins, so that text between records
/// is never told in two pieces. Blocks are cut in their order, but may be filled side by side.
pub(super) struct Cutter<'r> {
    reader: &'r mut dyn Blocks,
    /// The last record of a block, which goes on in the next one.
    carry: blocks::Block,
    error: Option<String>,
    /// Whether a promised block was not full: then those behind it are not taken.
    was_short: bool,
    has_ended: bool,
    /// How many portions were begun, and how many of these are cut.
    begun: usize,
    cut: usize,
}

impl<'r> Cutter<'r> {
    pub(super) fn new(reader: &'r mut dyn Blocks) -> Cutter<'r> {
        Cutter {
            reader,
            carry: blocks::Block::default(),
            error: None,
            was_short: false,
            has_ended: false,
            begun: 0,
            cut: 0,
        }
    }

    /// Puts what follows into `portion`, instead of what stands there. Says no behind the last one.
    pub(super) fn next(&mut self, portion: &mut Portion) -> bool {
        self.begin(portion);
        self.fill(portion);
        self.cut(portion)
    }

    /// Gives `portion` the next number: those before it are cut first.
    fn begin(&mut self, portion: &mut Portion) {
        portion.number = self.begun;
        self.begun += 1;
    }

    fn fill(&mut self, portion: &mut Portion) {
        let bytes = &mut portion.whole.bytes;
        if self.error.is_some() || self.has_ended {
            bytes.clear();
        } else if let Err(error) = self.reader.next_block(bytes) {
            self.error = Some(error.to_string());
        }
    }

    /// The next block as a stretch that can be read beside others.
    fn promise(&mut self) -> Option<Stretch> {
        let in_order = self.was_short || self.has_ended;
        (!in_order).then(|| self.reader.promise()).flatten()
    }

    /// Takes in a block that `portion` was filled with as promised. Behind one that is not full, as at the
    /// end of a log, and where it grows meanwhile, blocks are read one after the other.
    fn took(&mut self, portion: &mut Portion, read: &Stretch) {
        if self.was_short || self.has_ended {
            return self.fill(portion);
        }
        self.was_short = !read.is_whole();
        self.reader.took(read);
    }

    /// Cuts the block that `portion` was filled with. Says no behind the last one.
    fn cut(&mut self, portion: &mut Portion) -> bool {
        self.cut += 1;
        if self.has_ended {
            return false;
        }
        let Portion { between, whole, .. } = portion;
        std::mem::swap(&mut between.bytes, &mut self.carry);
        self.carry.clear();
        self.has_ended = whole.bytes.is_empty();
        if !self.has_ended {
            self.split(&mut between.bytes, whole);
        } else {
            (whole.from, whole.to) = (0, 0);
        }
        between.to = between.bytes.len();
        portion.last = self.has_ended;
        portion.error = self.error.take_if(|_| self.has_ended);
        true
    }

    /// Cuts a block behind `between`, which gets what belongs to it.
    fn split(&mut self, between: &mut blocks::Block, whole: &mut Part) {
        let bytes = &whole.bytes;
        whole.from = 0;
        if !between.is_empty() {
            whole.from = memmem::find(bytes, OPEN).unwrap_or(bytes.len());
            between.extend_from_slice(&bytes[..whole.from]);
        }
        whole.to = whole.from;
        if !between.is_empty() && whole.from == bytes.len() {
            // It goes on in the next block.
            if between.len() < BLOCK {
                std::mem::swap(between, &mut self.carry);
            }
            return;
        }
        let rest = &bytes[whole.from..];
        whole.to += match memmem::rfind(rest, OPEN).filter(|at| *at > 0) {
            Some(at) => at,
            None if rest.len() < BLOCK => 0,
            None => rest.len(),
        };
        self.carry.extend_from_slice(&bytes[whole.to..]);
    }
}

/// [`Cutter::next`] of a cutter that others wait for, too: it is given back while a block is read that
/// can be read beside others.
pub(super) fn cut_next<'m, 'r>(
    cutter: &'m Mutex<Cutter<'r>>,
    own: MutexGuard<'m, Cutter<'r>>,
    portion: &mut Portion,
) -> bool {
    // It takes the cutter once it is given back.
    let _gives_up = GivesUp(cutter);
    let mut own = own;
    own.begin(portion);
    match own.promise() {
        None => {
            if own.cut != portion.number {
                drop(own);
                own = in_turn(cutter, portion.number);
            }
            own.fill(portion);
        }
        Some(mut stretch) => {
            drop(own);
            portion.whole.bytes.fill(&mut stretch, false);
            own = in_turn(cutter, portion.number);
            own.took(portion, &stretch);
        }
    }
    own.cut(portion)
}

/// Where a thread panics that has begun a portion, nobody waits for its turn any more.
struct GivesUp<'m, 'r>(&'m Mutex<Cutter<'r>>);

impl Drop for GivesUp<'_, '_> {
    fn drop(&mut self) {
        if panicking() {
            locked(self.0).has_ended = true;
        }
    }
}

/// The cutter, once all before the portion of this number are cut, mostly at once, as they were begun
/// before it; or once the log has ended.
fn in_turn<'m, 'r>(cutter: &'m Mutex<Cutter<'r>>, number: usize) -> MutexGuard<'m, Cutter<'r>> {
    let mut looks = 0;
    loop {
        let own = lock(cutter);
        if own.cut == number || own.has_ended {
            return own;
        }
        drop(own);
        // Who reads slowly is not to be watched all the time.
        if looks < LOOKS {
            looks += 1;
            yield_now();
        } else {
            sleep(REST);
        }
    }
}

/// How often a thread looks again before it sleeps: another one has the cutter for a moment, or as long as
/// it takes to get a block out of an archive, and to be woken would take as long.
const LOOKS: usize = 500;
/// How long it sleeps where nobody wakes it.
const REST: Duration = Duration::from_millis(1);

pub(super) fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    for _ in 0..LOOKS {
        if let Some(own) = try_lock(what) {
            return own;
        }
        yield_now();
    }
    locked(what)
}

/// `None` if another thread has it.
pub(super) fn try_lock<T>(what: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match what.try_lock() {
        Ok(own) => Some(own),
        Err(TryLockError::Poisoned(own)) => Some(own.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}
