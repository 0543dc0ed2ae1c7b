//! Streams whose blocks can be taken as they are: to copy a large log costs as much as to read it.

use crate::evidence::{Detached, Stretch};
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};
use std::ops::Deref;

/// Bytes of a block that is not the last one, where the stream can choose. Smaller ones would stay in
/// the cache of a core (1 % of the time), but what is cut as too long would be shorter.
pub const BLOCK: usize = 1 << 20;

/// What a processor moves at once, in bytes.
const LINE: usize = 64;

/// The bytes of one block. Its memory begins where a line of the processor's memory does: AMD Zen 3
/// takes four times as long to copy a file's bytes to a place 16 bytes behind the beginning of a page,
/// and there the allocator puts large vectors.
#[derive(Debug, Default)]
pub struct Block {
    memory: Vec<u8>,
    from: usize,
    to: usize,
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.memory[self.from..self.to]
    }
}

impl Block {
    /// Whether it holds memory to be used again.
    pub fn has_memory(&self) -> bool {
        !self.memory.is_empty()
    }

    pub fn clear(&mut self) {
        self.to = self.from;
    }

    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.memory.truncate(self.to);
        self.memory.extend_from_slice(bytes);
        self.to = self.memory.len();
    }

    /// Reads the next block instead of what stands there; the last one is shorter, and so is one that
    /// an error ends. If it `is_small`, no more memory is taken than there are bytes.
    pub fn fill(&mut self, stream: &mut dyn Read, is_small: bool) {
        self.clear();
        if is_small {
            self.memory.truncate(self.from);
            // Streams of the evidence stage end where they break, so an error means the same as an end.
            let _ = stream.take(BLOCK as u64).read_to_end(&mut self.memory);
            self.to = self.memory.len();
            return;
        }
        if self.memory.len() < LINE + BLOCK {
            self.memory = vec![0; LINE + BLOCK];
            self.from = self.memory.as_ptr().align_offset(LINE).min(LINE);
            self.to = self.from;
        }
        let end = self.from + BLOCK;
        while self.to < end {
            match stream.read(&mut self.memory[self.to..end]) {
                Ok(0) => break,
                Ok(count) => self.to += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
    }
}

/// A stream that gives whole blocks.
pub trait Blocks: BufRead + Send {
    /// Puts the next bytes into `block`, instead of what stands there: none at the end.
    ///
    /// # Errors
    /// When the stream breaks; what was read before stands in `block`.
    fn next_block(&mut self, block: &mut Block) -> io::Result<()> {
        copied(self, block)
    }

    /// The next block as a stretch of its file, for one who fills it while others fill those behind
    /// it. `None` where blocks come only one after the other.
    fn promise(&mut self) -> Option<Stretch> {
        None
    }

    /// A promised block was read as far as it goes, and so were all before it. If it is not whole, what
    /// is read next follows it, and whatever else was promised is not taken.
    fn took(&mut self, _read: &Stretch) {}
}

impl Blocks for &[u8] {}
impl<B: Blocks + ?Sized> Blocks for &mut B {
    fn next_block(&mut self, block: &mut Block) -> io::Result<()> {
        (**self).next_block(block)
    }

    fn promise(&mut self) -> Option<Stretch> {
        (**self).promise()
    }

    fn took(&mut self, read: &Stretch) {
        (**self).took(read);
    }
}
impl<T: AsRef<[u8]> + Send> Blocks for Cursor<T> {}
impl<R: Read + Send> Blocks for BufReader<R> {}

/// Fills a block from what is buffered, and leaves whole what has no room in it.
pub fn copied<R: BufRead + ?Sized>(reader: &mut R, block: &mut Block) -> io::Result<()> {
    block.clear();
    while block.len() < BLOCK {
        let ready = match reader.fill_buf() {
            Ok(ready) => ready,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let room = BLOCK - block.len();
        if ready.is_empty() || ready.len() > room && !block.is_empty() {
            break;
        }
        let count = ready.len().min(room);
        block.extend_from_slice(&ready[..count]);
        reader.consume(count);
    }
    Ok(())
}

/// A file on disk, read in whole blocks.
pub struct Filled {
    inner: Detached,
    block: Block,
    at: usize,
}

impl Filled {
    pub fn new(inner: Detached) -> Filled {
        Filled {
            inner,
            block: Block::default(),
            at: 0,
        }
    }
}

impl Read for Filled {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Filled {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() {
            self.at = 0;
            self.block.fill(&mut self.inner, false);
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.block.len());
    }
}

impl Blocks for Filled {
    fn next_block(&mut self, block: &mut Block) -> io::Result<()> {
        if self.at < self.block.len() {
            return copied(self, block);
        }
        block.fill(&mut self.inner, false);
        Ok(())
    }

    fn promise(&mut self) -> Option<Stretch> {
        if self.at < self.block.len() {
            return None;
        }
        self.inner.stretch(BLOCK as u64)
    }

    fn took(&mut self, read: &Stretch) {
        if !read.is_whole() {
            self.inner.go_on_behind(read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn a_block_holds_what_was_read_and_its_memory_lies_well() {
        let mut block = Block::default();
        for (length, is_small) in [
            (9, true),
            (0, false),
            (BLOCK + 1, false),
            (7, true),
            (BLOCK, false),
            (BLOCK - 1, true),
            (BLOCK + 1, true),
            (3, false),
        ] {
            let all = bytes(length);
            block.fill(&mut all.as_slice(), is_small);
            assert!(*block == all[..length.min(BLOCK)], "{length}");
            let lies_well = block.as_ptr().addr().is_multiple_of(LINE);
            assert!(is_small || lies_well, "{length}");
            block.extend_from_slice(b"more");
            assert!(*block == [&all[..length.min(BLOCK)], b"more"].concat());
            block.clear();
            assert!(block.is_empty() && block.has_memory());
        }
    }

    /// Gives its chunks one after the other.
    struct Chunks(Vec<Vec<u8>>);

    impl Read for Chunks {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            unreachable!("only what is buffered is asked for")
        }
    }

    impl BufRead for Chunks {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            while self.0.first().is_some_and(Vec::is_empty) {
                self.0.remove(0);
            }
            Ok(self.0.first().map_or(&[], Vec::as_slice))
        }

        fn consume(&mut self, count: usize) {
            self.0[0].drain(..count);
        }
    }

    #[test]
    fn what_is_copied_ends_with_what_was_buffered() {
        let copy = |chunks: &[usize]| {
            let mut all = Chunks(chunks.iter().map(|length| bytes(*length)).collect());
            let (mut lengths, mut joined) = (Vec::new(), Vec::new());
            let mut block = Block::default();
            loop {
                copied(&mut all, &mut block).unwrap();
                if block.is_empty() {
                    break;
                }
                lengths.push(block.len());
                joined.extend_from_slice(&block);
            }
            let expected: Vec<u8> = chunks.iter().flat_map(|length| bytes(*length)).collect();
            assert!(joined == expected, "{chunks:?}");
            lengths
        };
        // Behind a mark of three bytes, which is left out or not.
        assert_eq!(copy(&[BLOCK - 3, BLOCK, 5]), [BLOCK - 3, BLOCK, 5]);
        assert_eq!(copy(&[3, BLOCK - 3, BLOCK, 5]), [BLOCK, BLOCK, 5]);
        assert_eq!(copy(&[2 * BLOCK + 1]), [BLOCK, BLOCK, 1]);
        assert_eq!(copy(&[1; 9]), [9]);
        assert_eq!(copy(&[]), [0; 0]);
    }
}
