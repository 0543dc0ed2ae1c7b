//! Readers that count what they read and stop where a limit or a defect stands.

use super::{Limits, Stream};
use crate::model::Progress;
use crate::model::lock::locked;
use std::cell::Cell;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

pub(super) type Counter = Rc<Cell<u64>>;

/// Bytes that are looked at to tell what a stream is: one tar header.
pub(super) const PREFIX: usize = 512;
/// Below this many bytes, no ratio is too high.
const RATIO_FROM: u64 = 64 << 20;

/// A limit that was reached. Travels inside an [`io::Error`] up to whoever can tell the reader.
#[derive(Debug)]
pub(super) struct Limit(String);

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Limit {}

impl Limit {
    pub fn depth(limits: &Limits) -> Limit {
        Limit(format!(
            "the limit of {} archives inside an archive is reached (`--max-depth` raises it)",
            limits.max_depth
        ))
    }

    pub fn entries(limits: &Limits) -> Limit {
        Limit(format!(
            "the limit of {} members of archives is reached (`--max-entries` raises it)",
            limits.max_entries
        ))
    }

    pub fn size(limits: &Limits, cap: u64) -> Limit {
        let of_what = if cap == limits.max_size {
            "in all archives together"
        } else {
            "in one member"
        };
        Limit(format!(
            "the limit of {cap} bytes {of_what} is reached (`--max-size` raises it)"
        ))
    }

    fn ratio(limits: &Limits) -> Limit {
        Limit(format!(
            "the limit of {} times the packed size is reached (`--max-ratio` raises it)",
            limits.max_ratio
        ))
    }
}

/// Counts the bytes that are read from a stream.
pub(super) struct Counted<R> {
    pub inner: R,
    pub count: Counter,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A file on disk that tells how much of it is done.
pub(super) struct Watched<'a, R> {
    inner: R,
    progress: &'a dyn Progress,
    left: Left,
    /// Whether what was skipped is told in the end.
    tells_rest: bool,
}

/// Bytes of a file that are not told yet, whoever of several reads them.
pub(super) type Left = Arc<AtomicU64>;

impl<'a, R> Watched<'a, R> {
    pub fn new(inner: R, size: u64, progress: &'a dyn Progress) -> Self {
        Watched {
            inner,
            progress,
            left: Arc::new(AtomicU64::new(size)),
            tells_rest: true,
        }
    }

    /// The same file once more, for another thread.
    pub fn again(inner: R, left: &Left, progress: &'a dyn Progress) -> Self {
        Watched {
            inner,
            progress,
            left: Arc::clone(left),
            tells_rest: false,
        }
    }

    pub fn left(&self) -> Left {
        Arc::clone(&self.left)
    }

    fn tell(&mut self, bytes: u64) {
        tell(&self.left, self.progress, bytes);
    }
}

/// Tells bytes, but never more than the file has: archives are read here and there, and twice.
fn tell(left: &Left, progress: &dyn Progress, bytes: u64) {
    let less = |left: u64| Some(left.saturating_sub(bytes));
    let before = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    let bytes = bytes.min(before.unwrap_or(0));
    if bytes > 0 {
        progress.read(bytes);
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        self.tell(read as u64);
        Ok(read)
    }
}

impl<R: Seek> Seek for Watched<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<R> Drop for Watched<'_, R> {
    fn drop(&mut self) {
        // What was skipped is done too.
        if self.tells_rest {
            self.tell(u64::MAX);
        }
    }
}

/// What comes out of an archive, within the limits.
pub(super) struct Layer<R> {
    inner: R,
    limits: Limits,
    cap: u64,
    out: u64,
    /// Bytes that came out of the same packed ones before.
    before: u64,
    /// The counter of packed bytes, and where it stood at the beginning.
    packed: Option<(Counter, u64)>,
    /// The counter of all bytes of the argument.
    total: Option<Counter>,
}

impl<R: Read> Layer<R> {
    pub fn new(inner: R, limits: &Limits, cap: u64) -> Self {
        Layer {
            inner,
            limits: *limits,
            cap,
            out: 0,
            before: 0,
            packed: None,
            total: None,
        }
    }

    /// Compares with the packed bytes that `counter` counts from now on.
    pub fn packed(mut self, counter: &Counter, from: u64) -> Self {
        self.packed = Some((Rc::clone(counter), from));
        self
    }

    /// Counts bytes that came out of the same packed ones before into the ratio.
    pub fn after(mut self, before: u64) -> Self {
        self.before = before;
        self
    }

    /// Adds its bytes to those of the argument.
    pub fn total(mut self, counter: &Counter) -> Self {
        self.total = Some(Rc::clone(counter));
        self
    }

    /// The bytes that may still be read, and the limit behind them.
    fn room(&self) -> (u64, u64) {
        let own = self.cap.saturating_sub(self.out);
        let all = match &self.total {
            Some(total) => self.limits.max_size.saturating_sub(total.get()),
            None => own,
        };
        if all < own {
            (all, self.limits.max_size)
        } else {
            (own, self.cap)
        }
    }
}

impl<R: Read> Read for Layer<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        if let Some((packed, from)) = &self.packed
            && self.before + self.out > RATIO_FROM
        {
            let packed = packed.get().saturating_sub(*from).max(1);
            if (self.before + self.out) / packed >= self.limits.max_ratio {
                return Err(io::Error::other(Limit::ratio(&self.limits)));
            }
        }
        let (room, cap) = self.room();
        if room == 0 {
            // A stream that ends exactly at the limit has not reached it.
            return match self.inner.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::other(Limit::size(&self.limits, cap))),
            };
        }
        let most = out.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let read = self.inner.read(&mut out[..most])?;
        self.out += read as u64;
        if let Some(total) = &self.total {
            total.set(total.get() + read as u64);
        }
        Ok(read)
    }
}

/// A stream whose first bytes were looked at and are still to be read.
pub(super) struct Peeked<R> {
    prefix: Cursor<Vec<u8>>,
    /// What went wrong while looking, told when the reader gets there.
    error: Option<io::Error>,
    pub inner: R,
}

impl<R: Read> Peeked<R> {
    pub fn new(mut inner: R) -> Self {
        let mut prefix = Vec::with_capacity(PREFIX);
        let error = (&mut inner)
            .take(PREFIX as u64)
            .read_to_end(&mut prefix)
            .err();
        Peeked {
            prefix: Cursor::new(prefix),
            error,
            inner,
        }
    }

    pub fn prefix(&self) -> &[u8] {
        self.prefix.get_ref()
    }

    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.prefix.read(out)? {
            0 => match self.error.take() {
                Some(error) => Err(error),
                None => self.inner.read(out),
            },
            read => Ok(read),
        }
    }
}

/// The stream that is handed out: it never fails, it ends, and keeps why.
pub(super) struct Leaf<'a> {
    inner: &'a mut dyn Read,
    read: u64,
    error: Option<io::Error>,
    on_disk: Option<OnDisk<'a>>,
    /// How far the one is who reads instead, and how much of that is told.
    taken: Option<Arc<Taken>>,
    told: u64,
}

/// What one who reads a file on disk by himself needs, and who is told how far he is.
pub(super) struct OnDisk<'a> {
    /// Of which somebody may have read something.
    pub file: File,
    pub left: Left,
    pub progress: &'a dyn Progress,
}

impl<'a> Leaf<'a> {
    pub fn new(inner: &'a mut dyn Read, on_disk: Option<OnDisk<'a>>) -> Self {
        Leaf {
            inner,
            read: 0,
            error: None,
            on_disk,
            taken: None,
            told: 0,
        }
    }

    /// Why the stream broke, if it did, whoever read it, and after how many bytes.
    pub fn broken(&mut self) -> Option<(u64, io::Error)> {
        let own = self.error.take().map(|error| (self.read, error));
        own.or_else(|| locked(&self.taken.as_ref()?.failed).take())
    }
}

impl Read for Leaf<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.error.is_some() {
            return Ok(0);
        }
        match read_some(self.inner, out) {
            Ok(read) => {
                self.read += read as u64;
                Ok(read)
            }
            Err(error) => {
                self.error = Some(error);
                Ok(0)
            }
        }
    }
}

impl Stream for Leaf<'_> {
    fn detach(&mut self) -> Option<Detached> {
        let is_whole = self.read == 0 && self.taken.is_none();
        let file = &mut self.on_disk.as_mut().filter(|_| is_whole)?.file;
        file.rewind().ok()?;
        let file = file.try_clone().ok()?;
        let taken = Arc::clone(self.taken.insert(Arc::default()));
        Some(Detached(Stretch {
            file: file.into(),
            taken,
            begin: 0,
            at: 0,
            left: u64::MAX,
        }))
    }

    fn follow(&mut self) {
        if let (Some(on_disk), Some(taken)) = (&self.on_disk, &self.taken) {
            let all = taken.bytes();
            let before = std::mem::replace(&mut self.told, all);
            tell(&on_disk.left, on_disk.progress, all.saturating_sub(before));
        }
    }
}

/// A file on disk, read by one who owns all that it takes, and who may be left behind.
pub struct Detached(Stretch);

/// Bytes of a [`Detached`] file that follow each other, to be read whatever others read of it.
pub struct Stretch {
    file: Arc<File>,
    taken: Arc<Taken>,
    begin: u64,
    at: u64,
    left: u64,
}

/// How far a [`Detached`] file is read.
#[derive(Default)]
pub struct Taken {
    bytes: AtomicU64,
    /// The first place where it could not be read.
    failed: Mutex<Option<(u64, io::Error)>>,
    is_over: AtomicBool,
}

impl Taken {
    /// The bytes that were read.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whoever reads it finds an end from now on.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

impl Detached {
    /// How far it is read, for others.
    pub fn taken(&self) -> Arc<Taken> {
        Arc::clone(&self.0.taken)
    }

    /// The next bytes, for somebody else; here, reading goes on behind them. `None` where the file could
    /// not be read, and on systems that cannot read at a place.
    pub fn stretch(&mut self, length: u64) -> Option<Stretch> {
        if !cfg!(any(unix, windows)) || self.0.taken.has_failed() {
            return None;
        }
        let begin = self.0.at;
        self.0.at = begin.saturating_add(length);
        Some(Stretch {
            file: Arc::clone(&self.0.file),
            taken: Arc::clone(&self.0.taken),
            begin,
            at: begin,
            left: length,
        })
    }

    /// Goes on behind what was read of a stretch.
    pub fn go_on_behind(&mut self, stretch: &Stretch) {
        self.0.at = stretch.at;
    }
}

impl Stretch {
    /// How many bytes of it were read.
    pub fn count(&self) -> u64 {
        self.at - self.begin
    }

    /// Whether there were as many as it was to have.
    pub fn is_whole(&self) -> bool {
        self.left == 0
    }
}

impl Taken {
    fn has_failed(&self) -> bool {
        locked(&self.failed).is_some()
    }

    fn fail(&self, at: u64, error: io::Error) {
        let mut failed = locked(&self.failed);
        if failed.as_ref().is_none_or(|(before, _)| at < *before) {
            *failed = Some((at, error));
        }
    }
}

impl Read for Detached {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // Nothing follows what could not be read.
        if self.0.taken.has_failed() {
            return Ok(0);
        }
        self.0.read(out)
    }
}

impl Read for Stretch {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken.is_over.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let most = usize::try_from(self.left).map_or(out.len(), |left| left.min(out.len()));
        match uninterrupted(|| read_at(&self.file, &mut out[..most], self.at)) {
            Ok(read) => {
                self.at += read as u64;
                self.left -= read as u64;
                self.taken.bytes.fetch_add(read as u64, Ordering::Relaxed);
                Ok(read)
            }
            Err(error) => {
                self.taken.fail(self.at, error);
                Ok(0)
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, at)
}

#[cfg(windows)]
fn read_at(file: &File, out: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, at)
}

/// Where one reads after the other, nobody moves the place in between.
#[cfg(not(any(unix, windows)))]
fn read_at(mut file: &File, out: &mut [u8], _: u64) -> io::Result<usize> {
    file.read(out)
}

fn read_some(stream: &mut dyn Read, out: &mut [u8]) -> io::Result<usize> {
    uninterrupted(|| stream.read(out))
}

fn uninterrupted(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Exactly so many bytes; fewer are an error and not an end.
pub(super) struct Exact<'a> {
    pub inner: &'a mut dyn Read,
    pub left: u64,
}

impl Read for Exact<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(out.len(), |left| left.min(out.len()));
        if most == 0 {
            return Ok(0);
        }
        let read = self.inner.read(&mut out[..most])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}
