//! Numbers as Parquet packs them: two encodings of its specification, and the pages made of them.
//!
//! Not those of `polars_parquet` 0.55, which ask of each number whether it is the one before, and guess
//! wrong as often as numbers change: here eight are asked at once.

use polars_arrow::array::{Array, DictionaryArray, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DataPageHeaderV1, Page};
use polars_parquet::parquet::statistics::{ParquetStatistics, PrimitiveStatistics};
use polars_parquet::write::Encoding;
use std::borrow::Cow;

/// Numbers that stand together in a run.
const GROUP: usize = 8;
/// Differences that are packed with the same number of bits.
const BLOCK: usize = 256;

/// A page of `rows` rows.
pub(super) fn page(
    bytes: Vec<u8>,
    rows: usize,
    encoding: Encoding,
    statistics: Option<ParquetStatistics>,
    of: &ColumnDescriptor,
) -> Page {
    let header = DataPageHeaderV1 {
        // A part has far fewer.
        num_values: i32::try_from(rows).unwrap_or(i32::MAX),
        encoding: encoding.into(),
        definition_level_encoding: Encoding::Rle.into(),
        repetition_level_encoding: Encoding::Rle.into(),
        statistics,
    };
    Page::Data(DataPage::new(
        DataPageHeader::V1(header),
        CowBuffer::Owned(bytes),
        of.descriptor.clone(),
        rows,
    ))
}

/// A page of the words of a dictionary in each row. `statistics` are those of the words.
pub(super) fn words_page(
    column: &DictionaryArray<u32>,
    statistics: Option<ParquetStatistics>,
    of: &ColumnDescriptor,
) -> Page {
    let (keys, rows) = (column.keys(), column.len());
    let mut bytes = Vec::new();
    put_levels(keys.validity(), rows, &mut bytes);
    let there = there(keys);
    let most = there.iter().max().copied().unwrap_or(0);
    let bits = u32::BITS - most.leading_zeros();
    bytes.push(bits as u8);
    put_keys(&there, bits, &mut bytes);
    let statistics = statistics.map(|all| ParquetStatistics {
        null_count: Some(missing(keys)),
        ..all
    });
    page(bytes, rows, Encoding::RleDictionary, statistics, of)
}

/// A page of numbers that differ little from the ones before.
pub(super) fn deltas_page(column: &PrimitiveArray<i64>, of: &ColumnDescriptor) -> Page {
    let mut bytes = Vec::new();
    put_levels(column.validity(), column.len(), &mut bytes);
    let there = there(column);
    put_deltas(&there, &mut bytes);
    let statistics = PrimitiveStatistics {
        primitive_type: of.descriptor.primitive_type.clone(),
        null_count: Some(missing(column)),
        distinct_count: None,
        max_value: there.iter().max().copied(),
        min_value: there.iter().min().copied(),
    };
    let statistics = Some(statistics.serialize());
    page(
        bytes,
        column.len(),
        Encoding::DeltaBinaryPacked,
        statistics,
        of,
    )
}

fn missing(column: &dyn Array) -> i64 {
    i64::try_from(column.null_count()).unwrap_or(i64::MAX)
}

/// The numbers of the rows that hold one.
fn there<T: NativeType>(column: &PrimitiveArray<T>) -> Cow<'_, [T]> {
    match column.validity() {
        None => Cow::Borrowed(column.values()),
        Some(there) => {
            let all = column.values().iter().zip(there.iter());
            Cow::Owned(
                all.filter_map(|(one, is_there)| is_there.then_some(*one))
                    .collect(),
            )
        }
    }
}

/// Which rows hold something, as a page begins with it.
pub(super) fn put_levels(there: Option<&Bitmap>, rows: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend([0; 4]);
    match there {
        None => put_run(1, rows, 1, out),
        Some(there) => put_keys(&there.iter().map(u32::from).collect::<Vec<_>>(), 1, out),
    }
    // A part has far fewer rows.
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// The encoding `RLE`: runs of one number, and groups of eight packed in so many `bits` each.
fn put_keys(keys: &[u32], bits: u32, out: &mut Vec<u8>) {
    let (groups, rest) = keys.as_chunks::<GROUP>();
    let is_all = |group: &[u32], first: u32| {
        group.iter().fold(0, |differs, one| differs | (one ^ first)) == 0
    };
    let (mut begin, mut at) = (0, 0);
    while let Some([first, ..]) = groups.get(at) {
        let run = groups[at..]
            .iter()
            .take_while(|group| is_all(*group, *first));
        let run = run.count();
        // One group alone is as short among the others.
        if run > 1 {
            put_groups(&groups[begin..at], &[], bits, out);
            put_run(*first, run * GROUP, bits, out);
            begin = at + run;
        }
        at += run.max(1);
    }
    match rest.first() {
        Some(first) if begin == groups.len() && is_all(rest, *first) => {
            put_run(*first, rest.len(), bits, out);
        }
        _ => put_groups(&groups[begin..], rest, bits, out),
    }
}

fn put_run(number: u32, count: usize, bits: u32, out: &mut Vec<u8>) {
    put_count(count << 1, out);
    out.extend_from_slice(&number.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

/// Packs groups and a `rest` that ends the page, which is filled with zeros.
fn put_groups(groups: &[[u32; GROUP]], rest: &[u32], bits: u32, out: &mut Vec<u8>) {
    let count = groups.len() + usize::from(!rest.is_empty());
    if count == 0 {
        return;
    }
    put_count(count << 1 | 1, out);
    out.reserve(count * bits as usize);
    let mut put = |group: &[u32; GROUP]| put_eight(&group.map(u64::from), bits, out);
    groups.iter().for_each(&mut put);
    if !rest.is_empty() {
        let mut last = [0; GROUP];
        last[..rest.len()].copy_from_slice(rest);
        put(&last);
    }
}

/// The encoding `DELTA_BINARY_PACKED`: the first number, and how each differs from the one before.
pub(super) fn put_deltas(numbers: &[i64], out: &mut Vec<u8>) {
    put_count(BLOCK, out);
    // Of each block there is one part.
    put_count(1, out);
    put_count(numbers.len(), out);
    let (mut before, rest) = match numbers.split_first() {
        Some((first, rest)) => (*first, rest),
        None => (0, numbers),
    };
    put_signed(before, out);
    let mut differences = [0; BLOCK];
    for block in rest.chunks(BLOCK) {
        for (difference, number) in differences.iter_mut().zip(block) {
            *difference = number.wrapping_sub(std::mem::replace(&mut before, *number));
        }
        let (least, most) = differences[..block.len()]
            .iter()
            .fold((i64::MAX, i64::MIN), |(least, most), one| {
                (least.min(*one), most.max(*one))
            });
        // A block that is not full is filled with what stands for 0.
        differences[block.len()..].fill(least);
        let bits = u64::BITS - most.abs_diff(least).leading_zeros();
        put_signed(least, out);
        out.push(bits as u8);
        out.reserve(BLOCK / GROUP * bits as usize);
        for eight in differences.as_chunks().0 {
            let above = eight.map(|one: i64| one.wrapping_sub(least).cast_unsigned());
            put_eight(&above, bits, out);
        }
    }
}

/// A number in as few bytes as it takes, seven bits in each.
fn put_count(number: usize, out: &mut Vec<u8>) {
    put_varint(number as u64, out);
}

/// The same with the sign in the lowest bit.
fn put_signed(number: i64, out: &mut Vec<u8>) {
    put_varint((number << 1 ^ number >> 63).cast_unsigned(), out);
}

fn put_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Packs eight numbers of so many bits each, the lowest bits first, which makes as many bytes.
fn put_eight(numbers: &[u64; GROUP], bits: u32, out: &mut Vec<u8>) {
    let end = out.len() + bits as usize;
    if bits <= u64::BITS / 4 {
        // Four of them are one number.
        let four = |numbers: &[u64]| {
            let packed = numbers.iter().rev();
            u128::from(packed.fold(0, |packed, one| packed << bits | one))
        };
        let (low, high) = numbers.split_at(4);
        let packed = four(low) | four(high) << (4 * bits);
        // To take less of it takes longer.
        out.extend_from_slice(&packed.to_le_bytes());
    } else {
        let (mut waiting, mut count) = (0_u128, 0);
        for one in numbers {
            waiting |= u128::from(*one) << count;
            count += bits;
            while count >= u8::BITS {
                out.push(waiting as u8);
                waiting >>= u8::BITS;
                count -= u8::BITS;
            }
        }
    }
    out.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars_parquet::parquet::encoding::hybrid_rle;
    use polars_parquet::parquet::schema::Repetition;
    use polars_parquet::parquet::schema::types::{PhysicalType, PrimitiveType};
    use polars_parquet::write::{
        CompressionOptions, StatisticsOptions, Version, WriteOptions, array_to_page_simple,
    };

    /// Numbers without a pattern.
    fn random() -> impl FnMut() -> u64 {
        let mut state = 7_u64;
        move || {
            state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            state >> 33 ^ state << 31
        }
    }

    #[test]
    fn keys_are_read_as_they_were_put() {
        let mut next = random();
        for bits in 0..=32 {
            for length in [0, 1, 7, 8, 9, 16, 17, 31, 64, 100, 1_000] {
                for longest in [1, 3, 20, 200] {
                    let mut keys = Vec::new();
                    while keys.len() < length {
                        let key = (next() & ((1 << bits) - 1)) as u32;
                        let run = 1 + next() as usize % longest;
                        keys.extend(std::iter::repeat_n(key, run.min(length - keys.len())));
                    }
                    let mut bytes = Vec::new();
                    put_keys(&keys, bits, &mut bytes);
                    let read = hybrid_rle::HybridRleDecoder::new(&bytes, bits, length);
                    assert_eq!(read.collect().unwrap(), keys, "{bits} {length} {longest}");
                }
            }
        }
    }

    #[test]
    fn a_run_is_short_and_so_is_what_differs() {
        let length = |keys: &[u32], bits| {
            let mut bytes = Vec::new();
            put_keys(keys, bits, &mut bytes);
            bytes.len()
        };
        assert_eq!(length(&[5; 16_000], 14), 3 + 2);
        assert_eq!(length(&[5; 16_003], 14), 3 + 2 + 1 + 2);
        let all: Vec<u32> = (0..16_000).collect();
        assert_eq!(length(&all, 14), 2 + 16_000 * 14 / 8);
    }

    /// A page of numbers without levels, which is nothing else.
    fn deltas_of_polars(numbers: &[i64]) -> Vec<u8> {
        let mut form = PrimitiveType::from_physical("".into(), PhysicalType::Int64);
        form.field_info.repetition = Repetition::Required;
        let options = WriteOptions {
            statistics: StatisticsOptions::empty(),
            version: Version::V1,
            compression: CompressionOptions::Uncompressed,
            data_page_size: None,
        };
        let numbers = PrimitiveArray::from_slice(numbers);
        let encoding = Encoding::DeltaBinaryPacked;
        match array_to_page_simple(&numbers, form, options, encoding).unwrap() {
            Page::Data(page) => page.buffer().to_vec(),
            Page::Dict(_) => vec![],
        }
    }

    #[test]
    fn deltas_are_those_of_polars_up_to_what_fills_the_last_block() {
        let mut next = random();
        for bits in [0, 1, 7, 31, 32, 33, 45, 63, 64] {
            for length in [0_usize, 1, 2, 255, 256, 257, 258, 513, 1_000] {
                let mask = u64::MAX.checked_shr(64 - bits).unwrap_or(0);
                let mut number = 1_772_391_643_553_i64;
                let numbers: Vec<i64> = (0..length)
                    .map(|_| {
                        number = number.wrapping_add((next() & mask).cast_signed());
                        number
                    })
                    .collect();
                let mut bytes = Vec::new();
                put_deltas(&numbers, &mut bytes);
                let expected = deltas_of_polars(&numbers);
                let same = bytes.iter().zip(&expected).take_while(|(a, b)| a == b);
                let filled = match length.saturating_sub(1) % BLOCK {
                    0 => 0,
                    some => (BLOCK - some) * bits as usize / 8,
                };
                let what = format!("{bits} {length}");
                assert_eq!(bytes.len(), expected.len(), "{what}");
                assert!(same.count() + filled + 1 >= bytes.len(), "{what}");
                assert!(filled > 0 || bytes == expected, "{what}");
            }
        }
    }
}
