//! Runs a parser on a thread of its own, which is left behind if it never ends.
//!
//! What a parser may cost is limited by work: bytes, elements, depth. The clock is the last resort,
//! for what nobody thought of. A parser that takes no byte and does not end for a long time costs
//! its own file only; its thread goes with the program, and nobody waits for it. What it reads of an
//! archive is handed to it through a pipe; a large file on disk it reads by itself.

use super::blocks::{BLOCK, Block, Blocks, Filled, copied};
use crate::evidence::{Detached, Stream};
use crate::model::lock::locked;
use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How often it is looked how far a parser is that reads by itself.
const LOOK: Duration = Duration::from_millis(100);
/// Blocks that may wait for the parser.
const AHEAD: usize = 4;
/// Blocks that still wait when more are read: to wake a thread for each costs both of them.
const FEW: usize = 2;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The parser panicked.
    Panicked,
    /// It neither took a byte nor ended for as long as patience lasts.
    Stuck,
}

/// Gives `stream` to `work` on another thread, and waits for its result as long as it goes on: it
/// has not gone on if it took no bytes for `patience`, or did not end so long after the last ones. As
/// not every block that is taken is told at once, it may rest twice as long.
///
/// ```
/// use pkgtrail::ingest::watch::{Lost, run};
/// use std::time::Duration;
/// let long = Duration::from_secs(60);
/// # use pkgtrail::ingest::blocks::Blocks;
/// let count = |stream: &mut dyn Blocks| std::io::copy(stream, &mut std::io::sink()).unwrap_or(0);
/// assert_eq!(run(&mut &b"abc"[..], long, count), Ok(3));
/// let panics = |_: &mut dyn Blocks| -> usize { std::panic::resume_unwind(Box::new("no")) };
/// assert_eq!(run(&mut &b"abc"[..], long, panics), Err(Lost::Panicked));
/// // One that never comes to an end: nobody ever sends.
/// let (_keep, nothing) = std::sync::mpsc::channel::<usize>();
/// let endless = move |_: &mut dyn Blocks| nothing.recv().unwrap_or(0);
/// assert_eq!(run(&mut &b"abc"[..], Duration::from_millis(50), endless), Err(Lost::Stuck));
/// ```
pub fn run<T: Send + 'static>(
    stream: &mut dyn Stream,
    patience: Duration,
    work: impl FnOnce(&mut dyn Blocks) -> T + Send + 'static,
) -> Result<T, Lost> {
    let Some(worker) = worker() else {
        // No thread can be had: better unwatched than unread.
        let mut all = Vec::new();
        // Streams of the evidence stage end where they break, so an error means the same as an end.
        let _ = stream.read_to_end(&mut all);
        let unwatched = || work(&mut all.as_slice());
        let done = catch_unwind(AssertUnwindSafe(unwatched));
        return done.map_err(|_| Lost::Panicked);
    };
    if let Some(detached) = stream.detach() {
        let done = by_itself(stream, detached, &worker, patience, work)?;
        WORKER.set(Some(worker));
        return done.map_err(|_| Lost::Panicked);
    }
    let pipe = Arc::new(Pipe {
        state: Mutex::new(State {
            blocks: VecDeque::new(),
            spent: Vec::new(),
            taken: 0,
            ended: false,
            done: None,
        }),
        changed: Condvar::new(),
    });
    // Most files are small: all of one is there when its parser starts.
    let whole = pipe.feed_one(stream, patience)?;
    let theirs = Arc::clone(&pipe);
    let job = move || {
        let mut fed = Fed {
            pipe: &theirs,
            block: Block::default(),
            at: 0,
        };
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut fed)));
        theirs.lock().done = Some(done);
        theirs.changed.notify_all();
    };
    // It waits for jobs until its sender goes.
    let _ = worker.send(Box::new(job));
    let mut more = !whole;
    while more {
        more = !pipe.feed_one(stream, patience)?;
    }
    let done = pipe.wait(patience)?;
    WORKER.set(Some(worker));
    done.map_err(|_| Lost::Panicked)
}

/// Lets the parser read a file by itself, so that its bytes are in the cache of its core, and looks
/// from time to time how far it is.
fn by_itself<T: Send + 'static>(
    stream: &mut dyn Stream,
    detached: Detached,
    worker: &Sender<Job>,
    patience: Duration,
    work: impl FnOnce(&mut dyn Blocks) -> T + Send + 'static,
) -> Result<thread::Result<T>, Lost> {
    let taken = detached.taken();
    let (tell, told) = channel();
    let job = move || {
        let mut blocks = Filled::new(detached);
        let done = catch_unwind(AssertUnwindSafe(|| work(&mut blocks)));
        let _ = tell.send(done);
    };
    let _ = worker.send(Box::new(job));
    let look = LOOK.min(patience);
    let (mut before, mut rested) = (0, Duration::ZERO);
    loop {
        let done = told.recv_timeout(look);
        stream.follow();
        match done {
            Ok(done) => return Ok(done),
            Err(RecvTimeoutError::Disconnected) => return Err(Lost::Panicked),
            Err(RecvTimeoutError::Timeout) => {
                let now = taken.bytes();
                rested += look;
                if now != std::mem::replace(&mut before, now) {
                    rested = Duration::ZERO;
                } else if rested >= patience {
                    taken.end();
                    return Err(Lost::Stuck);
                }
            }
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

thread_local! {
    /// The thread that parses for this one; a new one for each of 100,000 files would cost seconds.
    static WORKER: Cell<Option<Sender<Job>>> = const { Cell::new(None) };
}

/// The worker of this thread, or a new one if it has none or left it behind.
fn worker() -> Option<Sender<Job>> {
    WORKER.take().or_else(|| {
        let (sender, jobs) = channel::<Job>();
        let started = thread::Builder::new().spawn(move || {
            for job in jobs {
                job();
            }
        });
        started.is_ok().then_some(sender)
    })
}

/// Between the one who reads and the parser.
struct Pipe<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    blocks: VecDeque<Block>,
    /// Blocks that were read, to be filled again.
    spent: Vec<Block>,
    /// How many blocks the parser took.
    taken: u64,
    /// Whether no more blocks come.
    ended: bool,
    done: Option<thread::Result<T>>,
}

impl<T> Pipe<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        locked(&self.state)
    }

    /// Hands over one more block. Says whether that was the last one, or none is wanted any more.
    fn feed_one(&self, stream: &mut dyn Read, patience: Duration) -> Result<bool, Lost> {
        let (spent, is_small) = {
            let mut state = self.lock();
            // Who has taken a block or has one waiting is given more than a small file.
            let is_first = state.taken == 0 && state.blocks.is_empty();
            (state.spent.pop(), is_first)
        };
        let mut block = spent.unwrap_or_default();
        block.fill(stream, is_small);
        let last = block.len() < BLOCK;
        let mut state = self.lock();
        if state.blocks.len() >= AHEAD {
            while state.blocks.len() > FEW && state.done.is_none() {
                state = self.wait_for_change(state, patience)?;
            }
        }
        state.blocks.push_back(block);
        state.ended = last;
        self.changed.notify_all();
        Ok(last || state.done.is_some())
    }

    /// Takes the next block for one that was read; says whether there is one.
    fn take(&self, block: &mut Block) -> bool {
        let mut state = self.lock();
        let next = loop {
            match state.blocks.pop_front() {
                Some(next) => break next,
                None if state.ended => return false,
                None => {
                    let waited = self.changed.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        state.taken += 1;
        let spent = std::mem::replace(block, next);
        if spent.has_memory() {
            state.spent.push(spent);
        }
        if state.blocks.len() <= FEW {
            self.changed.notify_all();
        }
        true
    }

    /// The result, once all blocks are handed over.
    fn wait(&self, patience: Duration) -> Result<thread::Result<T>, Lost> {
        let mut state = self.lock();
        loop {
            match state.done.take() {
                Some(done) => return Ok(done),
                None => state = self.wait_for_change(state, patience)?,
            }
        }
    }

    /// Waits until the parser takes a block or ends.
    fn wait_for_change<'a>(
        &self,
        state: MutexGuard<'a, State<T>>,
        patience: Duration,
    ) -> Result<MutexGuard<'a, State<T>>, Lost> {
        let taken = state.taken;
        let rests = |state: &mut State<T>| state.taken == taken && state.done.is_none();
        let waited = self.changed.wait_timeout_while(state, patience, rests);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            // Should it ever come back, it finds an end.
            state.ended = true;
            state.blocks.clear();
            self.changed.notify_all();
            return Err(Lost::Stuck);
        }
        Ok(state)
    }
}

/// The end of the pipe that the parser reads.
struct Fed<'a, T> {
    pipe: &'a Pipe<T>,
    block: Block,
    at: usize,
}

impl<T> Read for Fed<'_, T> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<T> BufRead for Fed<'_, T> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.block.len() {
            let mut block = std::mem::take(&mut self.block);
            self.at = 0;
            let is_there = self.pipe.take(&mut block);
            self.block = block;
            if !is_there {
                self.block.clear();
                break;
            }
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.block.len());
    }
}

impl<T: Send> Blocks for Fed<'_, T> {
    fn next_block(&mut self, block: &mut Block) -> io::Result<()> {
        if self.at > 0 && self.at < self.block.len() {
            return copied(self, block);
        }
        // What nobody has begun to read is handed on as it is.
        self.fill_buf()?;
        self.at = 0;
        std::mem::swap(&mut self.block, block);
        // The other one is to be filled again, not to be read.
        let spare = std::mem::take(&mut self.block);
        if spare.has_memory() {
            self.pipe.lock().spent.push(spare);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Limits, visit_parallel};
    use crate::model::Progress;
    use std::panic::resume_unwind;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

    /// Longer than any test waits.
    const LONG: Duration = Duration::from_secs(600);
    const SHORT: Duration = Duration::from_secs(1);

    #[test]
    fn every_byte_arrives_in_order() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 9 * BLOCK + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let read = run(&mut bytes.as_slice(), LONG, |stream| {
                let mut all = Vec::new();
                stream.read_to_end(&mut all).unwrap();
                all
            });
            assert!(read == Ok(bytes), "{length}");
        }
    }

    /// A file on disk of which the evidence stage says that a parser may read it by itself.
    fn on_disk<T>(
        bytes: &[u8],
        mut each: impl FnMut(&mut dyn Stream) -> T + Send,
    ) -> (Option<T>, u64)
    where
        T: Send,
    {
        struct Count(AtomicU64);
        impl Progress for Count {
            fn read(&self, bytes: u64) {
                self.0.fetch_add(bytes, Ordering::Relaxed);
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("Agent.log");
        std::fs::write(&place, bytes).unwrap();
        let (limits, count) = (Limits::default(), Count(AtomicU64::new(0)));
        let done = Mutex::new((&mut each, None));
        let visited = visit_parallel(&[place], &limits, &count, 1, &|_, stream, _| {
            let mut done = done.lock().unwrap();
            let ended = (done.0)(stream);
            done.1 = Some(ended);
        });
        assert_eq!(visited.problems, []);
        let done = done.into_inner().unwrap().1;
        (done, count.0.into_inner())
    }

    #[test]
    fn a_parser_reads_a_file_on_disk_by_itself() {
        let bytes: Vec<u8> = (0..9 * BLOCK + 7).map(|at| (at % 251) as u8).collect();
        let mut own = None;
        let all = |stream: &mut dyn Stream| {
            run(stream, LONG, |stream| {
                let mut block = Block::default();
                let (mut all, mut threads) = (Vec::new(), Vec::new());
                // What a parser looks at before it takes blocks.
                let mark = stream.fill_buf().map(|block| block[..3].to_vec());
                loop {
                    stream.next_block(&mut block).unwrap();
                    if block.is_empty() {
                        return (all, mark.unwrap(), threads);
                    }
                    all.extend_from_slice(&block);
                    threads.push(thread::current().id());
                }
            })
        };
        let (read, told) = on_disk(&bytes, |stream| {
            let read = all(stream);
            // It is read once.
            own = Some(stream.detach().is_none());
            read
        });
        let (read, mark, threads) = read.unwrap().unwrap();
        assert!(read == bytes && mark == bytes[..3]);
        assert!(threads.len() == 10 && !threads.contains(&thread::current().id()));
        assert_eq!((told, own), (bytes.len() as u64, Some(true)));
        // A small one comes through the pipe.
        let (small, told) = on_disk(b"small", |stream| stream.detach().is_none());
        assert_eq!((small, told), (Some(true), 5));
    }

    #[test]
    fn whoever_reads_by_himself_is_left_if_he_rests() {
        let bytes = vec![b'x'; 12 * BLOCK];
        let slow = |stream: &mut dyn Blocks| {
            let mut block = Block::default();
            loop {
                stream.next_block(&mut block).unwrap();
                if block.is_empty() {
                    return;
                }
                thread::sleep(SHORT / 5);
            }
        };
        assert_eq!(
            on_disk(&bytes, |stream| run(stream, SHORT, slow)).0,
            Some(Ok(()))
        );
        for most in [0, 3, 100] {
            let (tell, told) = channel();
            let (go_on, waits) = channel::<()>();
            let rests = move |stream: &mut dyn Blocks| {
                let mut block = Block::default();
                for _ in 0..most {
                    let _ = stream.next_block(&mut block);
                }
                let _ = waits.recv();
                // Who was left behind finds an end.
                let _ = stream.next_block(&mut block);
                let _ = tell.send(block.len());
            };
            let mut rests = Some(rests);
            let ended = on_disk(&bytes, |stream| run(stream, SHORT, rests.take().unwrap()));
            assert_eq!(ended.0, Some(Err(Lost::Stuck)), "{most}");
            drop(go_on);
            assert_eq!(told.recv(), Ok(0));
        }
        let panics = |_: &mut dyn Blocks| -> usize { resume_unwind(Box::new("on purpose")) };
        let ended = on_disk(&bytes, |stream| run(stream, LONG, panics));
        assert_eq!(ended, (Some(Err(Lost::Panicked)), bytes.len() as u64));
    }

    #[test]
    fn a_parser_may_stop_reading_early() {
        let bytes = vec![b'x'; 20 * BLOCK];
        assert_eq!(run(&mut bytes.as_slice(), LONG, |_| 7), Ok(7));
        let first = |stream: &mut dyn Blocks| stream.read(&mut [0; 3]).unwrap();
        assert_eq!(run(&mut bytes.as_slice(), LONG, first), Ok(3));
    }

    #[test]
    fn whoever_goes_on_is_waited_for_and_whoever_rests_is_left() {
        let bytes = vec![b'x'; 12 * BLOCK];
        // Slower in all than patience lasts, but never at rest so long.
        let slow = |stream: &mut dyn Blocks| {
            let mut block = vec![0; BLOCK];
            while stream.read(&mut block).unwrap() > 0 {
                thread::sleep(SHORT / 5);
            }
        };
        assert_eq!(run(&mut bytes.as_slice(), SHORT, slow), Ok(()));
        // Before the first byte, in the midst, behind the last.
        for most in [0, 3, 100] {
            let left = Arc::new(AtomicBool::new(false));
            let saw = Arc::clone(&left);
            let rests = move |stream: &mut dyn Blocks| {
                let mut block = vec![0; BLOCK];
                for _ in 0..most {
                    let _ = stream.read(&mut block);
                }
                while !saw.load(Ordering::Relaxed) {
                    thread::sleep(SHORT / 20);
                }
            };
            let ended = run(&mut bytes.as_slice(), SHORT, rests);
            left.store(true, Ordering::Relaxed);
            assert_eq!(ended, Err(Lost::Stuck), "{most}");
        }
        // The next one gets a new thread.
        assert_eq!(run(&mut &b""[..], LONG, |_| 1), Ok(1));
    }
}
