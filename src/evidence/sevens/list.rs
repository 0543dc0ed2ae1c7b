//! Counts in the list of members of a 7z, looked at before anything is allocated by them.

/// How much of each kind a list says that it holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub packed: u64,
    pub blocks: u64,
    pub streams: u64,
    pub files: u64,
}

impl Counts {
    pub fn largest(&self) -> u64 {
        self.packed
            .max(self.blocks)
            .max(self.streams)
            .max(self.files)
    }
}

const END: u8 = 0;
const HEADER: u8 = 1;
const PROPERTIES: u8 = 2;
const STREAMS: u8 = 4;
const FILES: u8 = 5;
const PACKED: u8 = 6;
const BLOCKS: u8 = 7;
const SUB_STREAMS: u8 = 8;
const SIZES: u8 = 9;
const SUMS: u8 = 10;
const FOLDERS: u8 = 11;
const UNPACKED_SIZES: u8 = 12;
const SUB_STREAM_COUNTS: u8 = 13;
/// As many coders may stand in a block.
const MOST_CODERS: u64 = 64;

/// Reads the counts of a list that is not packed itself. `None` if it is no such list.
///
/// Every loop takes bytes in each round, so a false count ends it and does not hold it up.
pub(super) fn counts(list: &[u8]) -> Option<Counts> {
    let mut list = List(list);
    let mut found = Counts::default();
    (list.byte()? == HEADER).then_some(())?;
    let mut id = list.byte()?;
    if id == PROPERTIES {
        while list.byte()? != END {
            let length = list.number()?;
            list.skip(length)?;
        }
        id = list.byte()?;
    }
    if id == STREAMS {
        list.streams(&mut found)?;
        id = list.byte()?;
    }
    match id {
        FILES => found.files = list.number()?,
        END => {}
        _ => return None,
    }
    Some(found)
}

/// What is to be known of a block to read what follows about it.
struct Block {
    outputs: u64,
    streams: u64,
    has_sum: bool,
}

struct List<'a>(&'a [u8]);

impl List<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(length).ok()?..)?;
        Some(())
    }

    /// The leading ones of the first byte say how many bytes follow; its other bits are the highest.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut value = 0;
        for place in 0..more {
            value |= u64::from(self.byte()?) << (8 * place);
        }
        if more < 7 {
            let high = u64::from(first & (0x7F_u8 >> more));
            value |= high << (8 * more);
        }
        Some(value)
    }

    fn numbers(&mut self, count: u64) -> Option<()> {
        (0..count).try_for_each(|_| self.number().map(drop))
    }

    /// Check sums of `count` things, and which of them have one.
    fn sums(&mut self, count: u64) -> Option<Vec<bool>> {
        let all = self.byte()? != 0;
        // Each takes a bit or four bytes, so what is left says how many there can be.
        let possible = self.0.len() as u64 * 8;
        let mut defined = vec![all; usize::try_from(count).ok().filter(|_| count <= possible)?];
        if !all {
            for eight in defined.chunks_mut(8) {
                let bits = self.byte()?;
                for (place, one) in eight.iter_mut().enumerate() {
                    *one = bits & (0x80 >> place) != 0;
                }
            }
        }
        let present = defined.iter().filter(|one| **one).count() as u64;
        self.skip(present * 4)?;
        Some(defined)
    }

    fn streams(&mut self, found: &mut Counts) -> Option<()> {
        let mut blocks = Vec::new();
        let mut id = self.byte()?;
        if id == PACKED {
            found.packed = self.packed()?;
            id = self.byte()?;
        }
        if id == BLOCKS {
            blocks = self.blocks()?;
            id = self.byte()?;
        }
        found.blocks = blocks.len() as u64;
        if id == SUB_STREAMS {
            found.streams = self.sub_streams(&mut blocks)?;
            id = self.byte()?;
        }
        (id == END).then_some(())
    }

    fn packed(&mut self) -> Option<u64> {
        self.number()?;
        let count = self.number()?;
        let mut id = self.byte()?;
        if id == SIZES {
            self.numbers(count)?;
            id = self.byte()?;
        }
        if id == SUMS {
            self.sums(count)?;
            id = self.byte()?;
        }
        (id == END).then_some(count)
    }

    fn blocks(&mut self) -> Option<Vec<Block>> {
        (self.byte()? == FOLDERS).then_some(())?;
        let count = self.number()?;
        (self.byte()? == 0).then_some(())?;
        let mut blocks = Vec::new();
        for _ in 0..count {
            let outputs = self.coders()?;
            blocks.push(Block {
                outputs,
                streams: 1,
                has_sum: false,
            });
        }
        (self.byte()? == UNPACKED_SIZES).then_some(())?;
        for block in &blocks {
            self.numbers(block.outputs)?;
        }
        let mut id = self.byte()?;
        if id == SUMS {
            let defined = self.sums(count)?;
            for (block, has_sum) in blocks.iter_mut().zip(defined) {
                block.has_sum = has_sum;
            }
            id = self.byte()?;
        }
        (id == END).then_some(blocks)
    }

    /// The coders of one block. Gives the number of their outputs.
    fn coders(&mut self) -> Option<u64> {
        let (mut inputs, mut outputs) = (0_u64, 0_u64);
        let coders = self.number().filter(|count| *count <= MOST_CODERS)?;
        for _ in 0..coders {
            let flags = self.byte()?;
            self.skip(u64::from(flags & 15))?;
            let (more_in, more_out) = if flags & 0x10 == 0 {
                (1, 1)
            } else {
                (self.number()?, self.number()?)
            };
            inputs = inputs.checked_add(more_in)?;
            outputs = outputs.checked_add(more_out)?;
            if flags & 0x20 != 0 {
                let length = self.number()?;
                self.skip(length)?;
            }
        }
        let pairs = outputs.checked_sub(1)?;
        self.numbers(pairs.checked_mul(2)?)?;
        let packed = inputs.checked_sub(pairs)?;
        if packed > 1 {
            self.numbers(packed)?;
        }
        Some(outputs)
    }

    fn sub_streams(&mut self, blocks: &mut [Block]) -> Option<u64> {
        let mut id = self.byte()?;
        if id == SUB_STREAM_COUNTS {
            for block in &mut *blocks {
                block.streams = self.number()?;
            }
            id = self.byte()?;
        }
        let count = |sum: u64, block: &Block| sum.checked_add(block.streams);
        let all = blocks.iter().try_fold(0, count)?;
        if id == SIZES {
            for block in &*blocks {
                self.numbers(block.streams.saturating_sub(1))?;
            }
            id = self.byte()?;
        }
        if id == SUMS {
            let without = blocks
                .iter()
                .filter(|block| block.streams != 1 || !block.has_sum)
                .try_fold(0, count)?;
            self.sums(without)?;
            id = self.byte()?;
        }
        (id == END).then_some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_all_lengths() {
        let cases: [(&[u8], u64); 6] = [
            (&[0x7F], 127),
            (&[0x80, 0x80], 128),
            (&[0xBF, 0xFF], 0x3FFF),
            (&[0xC1, 0x34, 0x12], 0x1_1234),
            (&[0xFE, 1, 2, 3, 4, 5, 6, 7], 0x07_0605_0403_0201),
            (&[0xFF, 1, 2, 3, 4, 5, 6, 7, 8], 0x0807_0605_0403_0201),
        ];
        for (bytes, value) in cases {
            assert_eq!(List(bytes).number(), Some(value), "{bytes:x?}");
            assert_eq!(List(&bytes[..bytes.len() - 1]).number(), None);
        }
    }

    #[test]
    fn a_claim_costs_no_memory() {
        let huge = [0xFF, 1, 2, 3, 4, 5, 6, 7, 8];
        let mut list = vec![HEADER, STREAMS, PACKED, 0];
        list.extend(huge);
        list.extend([SUMS, 1, 0, 0, 0, 0]);
        assert_eq!(counts(&list), None);
        let files = [&[HEADER, FILES], &huge[..]].concat();
        assert_eq!(counts(&files).unwrap().largest(), 0x0807_0605_0403_0201);
    }
}
