//! A column of texts that are printed for each row: hardly ever the same twice, but mostly like the
//! one before, as times and lines of a file are. Parquet holds of each what is not.

use super::packed::{page, put_deltas, put_levels};
use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::parquet::page::Page;
use polars_parquet::parquet::statistics::BinaryStatistics;
use polars_parquet::write::Encoding;
use std::cmp::Ordering;
use std::ops::Range;

/// The texts of a column, one behind the other.
pub(super) struct Printed {
    all: String,
    /// Where each ends.
    ends: Vec<usize>,
}

impl Printed {
    pub(super) fn new(rows: usize) -> Printed {
        Printed {
            all: String::new(),
            ends: Vec::with_capacity(rows),
        }
    }

    /// Adds what `print` prints behind what stands in a text.
    pub(super) fn add(&mut self, print: impl FnOnce(&mut String)) {
        print(&mut self.all);
        self.ends.push(self.all.len());
    }

    /// Where the text of each row stands.
    fn places(&self) -> impl ExactSizeIterator<Item = Range<usize>> + Clone {
        let mut begin = 0;
        let ends = self.ends.iter();
        ends.map(move |end| std::mem::replace(&mut begin, *end)..*end)
    }

    /// The text of a row.
    pub(super) fn text(&self, row: usize) -> &str {
        let begin = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[begin..self.ends[row]]
    }

    /// The texts as a page of Parquet.
    pub(super) fn page(&self, of: &ColumnDescriptor) -> Page {
        let rows = self.ends.len();
        let mut bytes = Vec::new();
        put_levels(None, rows, &mut bytes);
        let bounds = self.encode(&mut bytes);
        let (least, greatest) = bounds.unzip();
        let statistics = BinaryStatistics {
            primitive_type: of.descriptor.primitive_type.clone(),
            null_count: Some(0),
            distinct_count: None,
            max_value: greatest.map(<[u8]>::to_vec),
            min_value: least.map(<[u8]>::to_vec),
        };
        let statistics = Some(statistics.serialize());
        page(bytes, rows, Encoding::DeltaByteArray, statistics, of)
    }

    /// The encoding `DELTA_BYTE_ARRAY` of the specification of Parquet: how many letters each text has
    /// in common with the one before, how many follow, and these. Not the one of `polars_parquet` 0.55,
    /// which looks at them one by one, and takes all of the text before for common where one is only
    /// its beginning. Gives the least and the greatest text.
    fn encode(&self, page: &mut Vec<u8>) -> Option<(&[u8], &[u8])> {
        let all = self.all.as_bytes();
        let rows = self.ends.len();
        let (mut counts, mut lengths) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
        let mut others = Vec::new();
        let first = self.places().next().map(|place| &all[place]);
        let mut bounds = first.map(|first| (first, first));
        let mut before = &all[..0];
        for place in self.places() {
            let own = &all[place];
            let common = common(before, own);
            // No text is longer than memory.
            counts.push(common.cast_signed() as i64);
            lengths.push((own.len() - common).cast_signed() as i64);
            others.extend_from_slice(&own[common..]);
            if let Some((least, greatest)) = &mut bounds {
                // Where they differ first, and mostly not by reading them once more: one that is greater
                // than the one before is not the least.
                match own.get(common).cmp(&before.get(common)) {
                    Ordering::Less if own < *least => *least = own,
                    Ordering::Greater if std::ptr::eq(before, *greatest) || own > *greatest => {
                        *greatest = own;
                    }
                    _ => {}
                }
            }
            before = own;
        }
        put_deltas(&counts, page);
        put_deltas(&lengths, page);
        page.append(&mut others);
        bounds
    }
}

/// How many letters two texts begin with in common.
fn common(one: &[u8], other: &[u8]) -> usize {
    let ((ones, _), (others, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let mut count = 0;
    for (a, b) in ones.iter().zip(others) {
        let differs = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differs != 0 {
            return count + differs.trailing_zeros() as usize / 8;
        }
        count += 8;
    }
    let rest = one[count..].iter().zip(&other[count..]);
    count + rest.take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars_parquet::parquet::encoding::delta_byte_array;

    /// Also where one is only the beginning of the one before, or the same.
    #[test]
    fn texts_are_read_from_a_page_as_they_were_printed() {
        let texts = [
            "2026-11-03T02:40:00.058+01:00",
            "2026-11-03T02:40:00.059+01:00",
            "2026-11-03T02:40:00",
            "2026-11-03T02:40:0",
            "2026-11-03",
            "",
            "",
            "bundle/Ägent.log:7",
            "bundle/Ägent.log:71",
            "bundle/Ägent.log:71",
            "bundle/Ägent.log:99",
            "bundle/Ägent.log:100",
            "bundle/Ägent.log:101",
            "bundle/Ögent.log:71",
            "c",
        ];
        for from in 0..texts.len() {
            for to in from..=texts.len() {
                let texts = &texts[from..to];
                let mut column = Printed::new(texts.len());
                for text in texts {
                    column.add(|out| out.push_str(text));
                }
                let mut page = Vec::new();
                let bounds = column.encode(&mut page);
                let bounds = bounds.map(|(least, greatest)| [least, greatest]);
                let sorted = [texts.iter().min(), texts.iter().max()];
                let sorted = sorted.map(|text| text.map(|text| text.as_bytes()));
                assert_eq!(bounds, sorted[0].zip(sorted[1]).map(<[_; 2]>::from));
                let read = delta_byte_array::Decoder::try_new(&page).unwrap();
                let read: Vec<Vec<u8>> = read.map(Result::unwrap).collect();
                assert_eq!(
                    read,
                    texts.iter().map(|text| text.as_bytes()).collect::<Vec<_>>()
                );
            }
        }
    }

    #[test]
    fn common_letters_are_counted_as_one_by_one() {
        let text = b"0123456789abcdefghijklmnop";
        for at in 0..text.len() {
            let mut other = *text;
            other[at] = b'_';
            for (one, more) in [(0, 0), (3, 0), (0, 5)] {
                let (one, other) = (&text[..text.len() - one], &other[..text.len() - more]);
                let slow = one.iter().zip(other).take_while(|(a, b)| a == b).count();
                assert_eq!((common(one, other), common(other, one)), (slow, slow));
            }
        }
    }
}
