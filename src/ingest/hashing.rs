//! SHA-256 and length of a file while it is read, on a thread of its own where one is to spare.
//!
//! Blocks of a large log are taken one after the other, and parsed by several threads. Hashing takes
//! longer than to read them, or much longer on a processor without instructions for it, and then the
//! parsers wait for it.

use super::blocks::{Block, Blocks};
use crate::evidence::Stretch;
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};

/// Bytes that are handed to the other thread at once, at least.
const BLOCK: usize = 256 << 10;
/// Blocks that may wait for it; where it lags behind, reading waits.
const WAITING: usize = 4;

/// Where the hash is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    Nowhere,
    Here,
    /// On a thread of its own.
    Beside,
}

/// Counts and, if that is wanted, hashes all bytes that pass, read or not.
pub(super) struct Hashing<'a> {
    inner: &'a mut dyn Blocks,
    hash: Hash,
    bytes: u64,
}

enum Hash {
    None,
    Here(Sha256),
    Beside {
        block: Vec<u8>,
        hand_on: SyncSender<Vec<u8>>,
        /// Blocks that were hashed, to be filled again.
        done: Receiver<Vec<u8>>,
    },
}

impl Read for Hashing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Hashing<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        // What was looked at stands there still, so this reads nothing and cannot fail.
        if let Ok(block) = self.inner.fill_buf() {
            self.hash.update(&block[..count.min(block.len())]);
        }
        self.bytes += count as u64;
        self.inner.consume(count);
    }
}

impl Blocks for Hashing<'_> {
    fn next_block(&mut self, block: &mut Block) -> io::Result<()> {
        let read = self.inner.next_block(block);
        self.hash.update(block);
        self.bytes += block.len() as u64;
        read
    }

    fn promise(&mut self) -> Option<Stretch> {
        // A hash is made of one block after the other.
        let in_order = !matches!(self.hash, Hash::None);
        (!in_order).then(|| self.inner.promise()).flatten()
    }

    fn took(&mut self, read: &Stretch) {
        self.bytes += read.count();
        self.inner.took(read);
    }
}

impl Hash {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::None => {}
            Hash::Here(hash) => hash.update(bytes),
            Hash::Beside {
                block,
                hand_on,
                done,
            } => {
                block.extend_from_slice(bytes);
                if block.len() >= BLOCK {
                    let mut empty = done.try_recv().unwrap_or_default();
                    empty.clear();
                    // It fails only where the other thread is gone, and that ends in a panic below.
                    let _ = hand_on.send(std::mem::replace(block, empty));
                }
            }
        }
    }
}

/// Lets `parse` read `stream`, and reads what it leaves. Gives what it found, the hash in lower-case
/// hex (empty if none is wanted) and the length.
pub(super) fn through<T>(
    stream: &mut dyn Blocks,
    place: Where,
    parse: impl FnOnce(&mut Hashing<'_>) -> T,
) -> (T, String, u64) {
    let whole = |hash: Hash| {
        let mut hashing = Hashing {
            inner: stream,
            hash,
            bytes: 0,
        };
        let parsed = parse(&mut hashing);
        // The hash is of the whole file, also of what no parser wanted.
        let _ = std::io::copy(&mut hashing, &mut std::io::sink());
        (parsed, hashing.hash, hashing.bytes)
    };
    match place {
        Where::Nowhere => {
            let (parsed, _, bytes) = whole(Hash::None);
            (parsed, String::new(), bytes)
        }
        Where::Here => {
            let (parsed, hash, bytes) = whole(Hash::Here(Sha256::new()));
            let hash = match hash {
                Hash::Here(hash) => in_hex(hash),
                _ => String::new(),
            };
            (parsed, hash, bytes)
        }
        Where::Beside => std::thread::scope(|scope| {
            let (hand_on, blocks) = sync_channel::<Vec<u8>>(WAITING);
            let (give_back, done) = channel();
            let hasher = scope.spawn(move || {
                let mut hash = Sha256::new();
                for block in blocks {
                    hash.update(&block);
                    // Nobody fills it again where reading has ended.
                    let _ = give_back.send(block);
                }
                hash
            });
            let (parsed, hash, bytes) = whole(Hash::Beside {
                block: Vec::new(),
                hand_on,
                done,
            });
            if let Hash::Beside { block, hand_on, .. } = hash {
                let _ = hand_on.send(block);
            }
            match hasher.join() {
                Ok(hash) => (parsed, in_hex(hash), bytes),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }),
    }
}

fn in_hex(hash: Sha256) -> String {
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_of_all_bytes_wherever_it_is_made_and_however_much_is_read() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 9 * BLOCK + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 7 / 3) as u8).collect();
            let expected: String = Sha256::digest(&bytes)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            for wanted in [0, 1.min(length), length / 2, length] {
                for (place, hash) in [
                    (Where::Nowhere, ""),
                    (Where::Here, expected.as_str()),
                    (Where::Beside, expected.as_str()),
                ] {
                    let told = through(&mut bytes.as_slice(), place, |stream| {
                        let mut read = Vec::new();
                        let _ = stream.take(wanted as u64).read_to_end(&mut read);
                        read == bytes[..wanted]
                    });
                    assert_eq!(told, (true, hash.to_owned(), length as u64));
                }
            }
        }
        let empty = through(&mut &b""[..], Where::Here, |_| ());
        assert!(empty.1.starts_with("e3b0c44298fc1c14"));
    }

    #[test]
    fn a_parser_that_gives_up_leaves_no_thread_behind() {
        let bytes = vec![7; 3 * BLOCK];
        let gave_up = std::panic::catch_unwind(|| {
            through(&mut bytes.as_slice(), Where::Beside, |stream| {
                let _ = stream.read(&mut vec![0; 2 * BLOCK]);
                panic!("on purpose");
            })
        });
        assert!(gave_up.is_err());
    }
}
