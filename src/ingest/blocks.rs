//! Streams whose blocks can be taken as they are: to copy a large log costs as much as to read it.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

/// Bytes of a block that is not the last one, where the stream can choose.
pub const BLOCK: usize = 1 << 20;

/// A stream that gives whole blocks.
pub trait Blocks: BufRead {
    /// Puts the next bytes into `block`, instead of what stands there: none at the end.
    ///
    /// # Errors
    /// When the stream breaks; what was read before stands in `block`.
    fn next_block(&mut self, block: &mut Vec<u8>) -> io::Result<()> {
        copied(self, block)
    }
}

impl Blocks for &[u8] {}
impl<B: Blocks + ?Sized> Blocks for &mut B {
    fn next_block(&mut self, block: &mut Vec<u8>) -> io::Result<()> {
        (**self).next_block(block)
    }
}
impl<T: AsRef<[u8]>> Blocks for Cursor<T> {}
impl<R: Read> Blocks for BufReader<R> {}

/// Fills a block from what is buffered.
pub fn copied<R: BufRead + ?Sized>(reader: &mut R, block: &mut Vec<u8>) -> io::Result<()> {
    block.clear();
    while block.len() < BLOCK {
        let ready = match reader.fill_buf() {
            Ok(ready) => ready,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let count = ready.len().min(BLOCK - block.len());
        if count == 0 {
            break;
        }
        block.extend_from_slice(&ready[..count]);
        reader.consume(count);
    }
    Ok(())
}

/// A stream read in whole blocks, where no thread can be had to read ahead.
pub struct Filled<'a> {
    inner: &'a mut dyn Read,
    block: Vec<u8>,
    at: usize,
}

impl<'a> Filled<'a> {
    pub fn new(inner: &'a mut dyn Read) -> Filled<'a> {
        Filled {
            inner,
            block: Vec::new(),
            at: 0,
        }
    }
}

impl Read for Filled<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Filled<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() {
            self.block.clear();
            self.at = 0;
            let whole = &mut self.inner;
            // Streams of the evidence stage end where they break, so an error means the same as an end.
            let _ = whole.take(BLOCK as u64).read_to_end(&mut self.block);
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.block.len());
    }
}

impl Blocks for Filled<'_> {}
