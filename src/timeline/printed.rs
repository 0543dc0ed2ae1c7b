//! A column of texts that are printed for each row: hardly ever the same twice, but mostly like the
//! one before, as times and lines of a file are. Parquet holds of each what is not.

use super::table::SaveError;
use polars_arrow::array::{MutablePlString, Utf8ViewArray};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::encoding::delta_byte_array;
use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::parquet::page::{DataPage, DataPageHeader, DataPageHeaderV1, Page};
use polars_parquet::parquet::statistics::BinaryStatistics;
use polars_parquet::write::{Encoding, Version, write_def_levels};
use std::ops::Range;

/// The texts of a column, one behind the other.
#[derive(Default)]
pub(super) struct Printed {
    all: String,
    /// Where each ends.
    ends: Vec<usize>,
    /// Where the least and the greatest of them stand.
    bounds: Option<(Range<usize>, Range<usize>)>,
    /// Whether one is only the beginning of the one before, which `polars_parquet` 0.55 cannot encode.
    breaks_off: bool,
}

impl Printed {
    pub(super) fn new(rows: usize) -> Printed {
        Printed {
            ends: Vec::with_capacity(rows),
            ..Printed::default()
        }
    }

    /// Adds what `print` prints behind what stands in a text.
    pub(super) fn add(&mut self, print: impl FnOnce(&mut String)) {
        let start = self.all.len();
        print(&mut self.all);
        let own = start..self.all.len();
        let all = self.all.as_bytes();
        let before = &all[self.begin(self.ends.len().saturating_sub(1))..start];
        self.breaks_off |= before.len() > own.len() && before.starts_with(&all[own.clone()]);
        self.ends.push(own.end);
        match &mut self.bounds {
            None => self.bounds = Some((own.clone(), own)),
            Some((least, greatest)) => {
                if all[own.clone()] > all[greatest.clone()] {
                    *greatest = own;
                } else if all[own.clone()] < all[least.clone()] {
                    *least = own;
                }
            }
        }
    }

    fn begin(&self, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    /// The text of each row.
    fn rows(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        let rows = self.ends.iter().enumerate();
        rows.map(|(row, end)| &self.all[self.begin(row)..*end])
    }

    /// Whether [`Printed::page`] can be made.
    pub(super) fn makes_a_page(&self) -> bool {
        !self.breaks_off
    }

    /// The texts as an array.
    pub(super) fn array(&self) -> Utf8ViewArray {
        let mut array = MutablePlString::with_capacity(self.ends.len());
        self.rows().for_each(|text| array.push_value(text));
        array.freeze()
    }

    /// The texts as a page of Parquet: the encoding `DELTA_BYTE_ARRAY` of its specification.
    pub(super) fn page(&self, of: &ColumnDescriptor) -> Result<Page, SaveError> {
        let rows = self.ends.len();
        let mut page = Vec::new();
        write_def_levels(&mut page, true, None, rows, Version::V1)?;
        delta_byte_array::encode(self.rows().map(str::as_bytes), &mut page);
        let descriptor = of.descriptor.clone();
        let text = |place: &Range<usize>| self.all.as_bytes()[place.clone()].to_vec();
        let statistics = BinaryStatistics {
            primitive_type: descriptor.primitive_type.clone(),
            null_count: Some(0),
            distinct_count: None,
            max_value: self.bounds.as_ref().map(|(_, greatest)| text(greatest)),
            min_value: self.bounds.as_ref().map(|(least, _)| text(least)),
        };
        let header = DataPageHeaderV1 {
            // A part has far fewer.
            num_values: i32::try_from(rows).unwrap_or(i32::MAX),
            encoding: Encoding::DeltaByteArray.into(),
            definition_level_encoding: Encoding::Rle.into(),
            repetition_level_encoding: Encoding::Rle.into(),
            statistics: Some(statistics.serialize()),
        };
        Ok(Page::Data(DataPage::new(
            DataPageHeader::V1(header),
            CowBuffer::Owned(page),
            descriptor,
            rows,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_breaks_off_makes_no_page() {
        let makes = |texts: &[&str]| {
            let mut column = Printed::new(texts.len());
            texts
                .iter()
                .for_each(|text| column.add(|out| out.push_str(text)));
            assert_eq!(column.rows().collect::<Vec<_>>(), texts);
            column.makes_a_page()
        };
        assert!(makes(&[]) && makes(&[""]) && makes(&["a:1", "a:12", "a:12", "b"]));
        assert!(!makes(&["a:12", "a:1"]) && !makes(&["a", "", "b"]));
    }
}
