//! One column of the table while it is built. Most hold the same few texts again and again, and
//! each of these is held once.

use super::printed::Printed;
use super::table::{Paths, SaveError};
use crate::model::{Event, Moment, SameMinute};
use indexmap::IndexMap;
use polars::prelude::{ChunkTake, DataType, Int64Chunked, StringChunked, TimeUnit, UInt32Chunked};
use polars_arrow::array::{Array, DictionaryArray, MutablePlString, PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::{Bitmap, MutableBitmap};
use polars_arrow::datatypes::{ArrowDataType, TimeUnit as ArrowTimeUnit};
use polars_parquet::write::Encoding;
use std::hash::Hash;

/// What stands in the cells of a column.
pub(super) enum Cell {
    /// Text that is there already, mostly one of a few.
    Text(for<'e> fn(&'e Event) -> Option<&'e str>),
    /// A number that is shown as text, and how it is printed behind what stands in a text.
    Coded(fn(&Event) -> Option<u128>, fn(u128, &mut String)),
    /// Text that is put together behind what stands in a text, hardly ever the same twice.
    Printed(fn(&Event, Paths<'_>, &mut String)),
    /// A time, printed behind what stands in a text.
    Shown(fn(&Moment, &mut SameMinute, &mut String)),
    /// The same, but as in the column before where it is so in all events.
    Again(
        fn(&Event) -> bool,
        fn(&Moment, &mut SameMinute, &mut String),
    ),
    /// A number, mostly one of a few.
    Number(fn(&Event) -> Option<i64>),
    /// A number that grows from event to event.
    Count(fn(&Event) -> Option<i64>),
    /// Milliseconds since 1970.
    Time(fn(&Event) -> Option<i64>),
}

/// What a cell is told by, and may be taken from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// What is said alone: events that say the same have the same cell.
    Said,
    /// Anything.
    Event,
}

/// A column that is being built.
pub(super) enum Builder<'e> {
    Text(Words<&'e str, MutablePlString>, Near),
    Coded(Words<u128, MutablePlString>),
    Number(Words<i64, Vec<i64>>, Lately<i64, 1_024>),
    Printed(Printed, SameMinute),
    Again,
    Count(Numbers),
}

/// A column with all its rows.
pub(super) enum Built {
    /// Texts or numbers, each held once.
    Words(DictionaryArray<u32>),
    Text(Utf8ViewArray),
    Printed(Printed),
    /// As the column before.
    Again,
    Number(PrimitiveArray<i64>),
    Count(PrimitiveArray<i64>),
    Time(PrimitiveArray<i64>),
}

/// What pages of Parquet are made of.
pub(super) enum Paged<'b> {
    /// An array, and how it is encoded.
    Array(&'b dyn Array, Encoding),
    Words(&'b DictionaryArray<u32>),
    Deltas(&'b PrimitiveArray<i64>),
    Printed(&'b Printed),
}

impl<'e> Builder<'e> {
    pub(super) fn new(cell: &Cell, events: &[Event]) -> Builder<'e> {
        let rows = events.len();
        match cell {
            Cell::Text(_) => Builder::Text(Words::new(rows), Near::default()),
            Cell::Coded(..) => Builder::Coded(Words::new(rows)),
            Cell::Number(_) => Builder::Number(Words::new(rows), Lately::default()),
            Cell::Again(is_same, _) if events.iter().all(is_same) => Builder::Again,
            Cell::Printed(_) | Cell::Shown(_) | Cell::Again(..) => {
                Builder::Printed(Printed::new(rows), SameMinute::default())
            }
            Cell::Count(_) | Cell::Time(_) => Builder::Count(Numbers::new(rows)),
        }
    }

    /// Adds the cells of some events.
    pub(super) fn add(
        &mut self,
        cell: &Cell,
        events: impl Iterator<Item = &'e Event>,
        paths: Paths<'_>,
    ) {
        match (self, cell) {
            (Builder::Text(words, near), Cell::Text(value)) => {
                for event in events {
                    let text = value(event);
                    let place = text.map(|text| {
                        near.place_of(text, || words.place(text, |all| all.push_value(text)))
                    });
                    words.places.push(place.unwrap_or(NOTHING));
                }
            }
            (Builder::Coded(words), Cell::Coded(value, print)) => {
                for event in events {
                    let place = value(event).map(|code| {
                        words.place(code, |all| {
                            let mut text = String::new();
                            print(code, &mut text);
                            all.push_value(text);
                        })
                    });
                    words.places.push(place.unwrap_or(NOTHING));
                }
            }
            (Builder::Number(words, lately), Cell::Number(value)) => {
                for event in events {
                    let place = value(event).map(|number| {
                        let find = || words.place(number, |all| all.push(number));
                        lately.place(number, number as usize, find)
                    });
                    words.places.push(place.unwrap_or(NOTHING));
                }
            }
            (Builder::Printed(column, _), Cell::Printed(print)) => {
                for event in events {
                    column.add(|text| print(event, paths, text));
                }
            }
            (Builder::Printed(column, near), Cell::Shown(show) | Cell::Again(_, show)) => {
                for event in events {
                    column.add(|text| show(&event.at, near, text));
                }
            }
            (Builder::Count(column), Cell::Count(value) | Cell::Time(value)) => {
                column.add(events.map(value));
            }
            // A builder is made for its cells.
            _ => {}
        }
    }

    /// Gives each row the cell at its number.
    pub(super) fn spread(&mut self, rows: &[usize]) {
        match self {
            Builder::Text(Words { places, .. }, _)
            | Builder::Coded(Words { places, .. })
            | Builder::Number(Words { places, .. }, _) => {
                *places = rows.iter().map(|row| places[*row]).collect();
            }
            // What is printed or counted is of one event.
            Builder::Count(_) | Builder::Printed(..) | Builder::Again => {}
        }
    }

    pub(super) fn finish(self, cell: &Cell) -> Result<Built, SaveError> {
        Ok(match self {
            Builder::Text(words, _) => words.finish()?,
            Builder::Coded(words) => words.finish()?,
            Builder::Number(words, _) => words.finish()?,
            Builder::Printed(column, _) => Built::Printed(column),
            Builder::Again => Built::Again,
            Builder::Count(column) => {
                let numbers = column.array();
                match cell {
                    Cell::Time(_) => {
                        let time = ArrowDataType::Timestamp(ArrowTimeUnit::Millisecond, None);
                        Built::Time(numbers.to(time))
                    }
                    _ => Built::Count(numbers),
                }
            }
        })
    }
}

impl Built {
    /// What goes into the pages of Parquet; nothing if it is what goes into those of the column before.
    pub(super) fn pages(&self) -> Option<Paged<'_>> {
        Some(match self {
            Built::Words(column) => Paged::Words(column),
            Built::Text(column) => Paged::Array(column, Encoding::Plain),
            Built::Number(column) => Paged::Array(column, Encoding::RleDictionary),
            Built::Count(column) | Built::Time(column) => Paged::Deltas(column),
            Built::Printed(column) => Paged::Printed(column),
            Built::Again => return None,
        })
    }
}

/// Places to take from.
fn places(keys: &PrimitiveArray<u32>) -> UInt32Chunked {
    UInt32Chunked::with_chunk("".into(), keys.clone())
}

/// Values of which each is held once.
pub(super) struct Words<K, W> {
    words: W,
    known: IndexMap<K, u32>,
    /// Which of the words stands in each row, or [`NOTHING`].
    places: Vec<u32>,
}

impl<K: Hash + Eq, W: Default> Words<K, W> {
    fn new(rows: usize) -> Words<K, W> {
        Words {
            words: W::default(),
            known: IndexMap::new(),
            places: Vec::with_capacity(rows),
        }
    }

    /// The place of the word of `key`; `push` puts it behind the others if it is new.
    fn place(&mut self, key: K, push: impl FnOnce(&mut W)) -> u32 {
        let (words, count) = (&mut self.words, self.known.len());
        *self.known.entry(key).or_insert_with(|| {
            push(words);
            // They are as many as rows at most.
            u32::try_from(count).unwrap_or(u32::MAX)
        })
    }

    /// The words, and which of them stands in each row.
    fn apart(self) -> (W, PrimitiveArray<u32>) {
        let is_there = valid(self.places.iter().map(|place| *place != NOTHING));
        let mut places = self.places;
        if is_there.is_some() {
            // Not even where nothing is shown may a row point beyond the words.
            let nothing = |place: &&mut u32| **place == NOTHING;
            places
                .iter_mut()
                .filter(nothing)
                .for_each(|place| *place = 0);
        }
        let places = PrimitiveArray::from_vec(places).with_validity(is_there);
        (self.words, places)
    }
}

impl<K: Hash + Eq> Words<K, MutablePlString> {
    fn finish(self) -> Result<Built, SaveError> {
        let (words, keys) = self.apart();
        let words: Utf8ViewArray = words.freeze();
        if is_worth_it(words.len(), keys.len()) {
            let column = DictionaryArray::try_from_keys(keys, words.boxed(), false)?;
            return Ok(Built::Words(column));
        }
        let text = StringChunked::with_chunk("".into(), words).take(&places(&keys))?;
        Ok(Built::Text(text.downcast_as_array().clone()))
    }
}

impl Words<i64, Vec<i64>> {
    fn finish(self) -> Result<Built, SaveError> {
        let (numbers, keys) = self.apart();
        let numbers = PrimitiveArray::from_vec(numbers);
        if is_worth_it(numbers.len(), keys.len()) {
            let column = DictionaryArray::try_from_keys(keys, numbers.boxed(), false)?;
            return Ok(Built::Words(column));
        }
        let all = Int64Chunked::with_chunk("".into(), numbers).take(&places(&keys))?;
        let all = all.downcast_as_array().clone();
        Ok(Built::Number(all))
    }
}

/// Where there is no word: there are fewer.
const NOTHING: u32 = u32::MAX;

/// Which rows hold something, if not all do.
fn valid(rows: impl ExactSizeIterator<Item = bool> + Clone) -> Option<Bitmap> {
    let all = rows.clone().all(|is_there| is_there);
    (!all).then(|| rows.collect::<MutableBitmap>().into())
}

/// Numbers, of which some may be missing.
pub(super) struct Numbers {
    all: Vec<i64>,
    /// Whether each is there; empty while all are.
    there: Vec<bool>,
}

impl Numbers {
    fn new(rows: usize) -> Numbers {
        Numbers {
            all: Vec::with_capacity(rows),
            there: Vec::new(),
        }
    }

    fn add(&mut self, numbers: impl Iterator<Item = Option<i64>>) {
        for number in numbers {
            if number.is_none() && self.there.is_empty() {
                self.there.resize(self.all.len(), true);
            }
            if number.is_none() || !self.there.is_empty() {
                self.there.push(number.is_some());
            }
            self.all.push(number.unwrap_or_default());
        }
    }

    fn array(self) -> PrimitiveArray<i64> {
        let is_there = valid(self.there.iter().copied());
        PrimitiveArray::from_vec(self.all).with_validity(is_there)
    }
}

/// Whether so many rows of so many texts are shorter with a dictionary.
fn is_worth_it(texts: usize, rows: usize) -> bool {
    rows <= 128 || texts <= rows / 4 * 3
}

/// What was met lately, with its place among the words.
pub(super) struct Lately<T, const MANY: usize>(Vec<(T, u32)>);

impl<T: Copy + Default, const MANY: usize> Default for Lately<T, MANY> {
    fn default() -> Self {
        Lately(vec![(T::default(), NOTHING); MANY])
    }
}

impl<T: PartialEq, const MANY: usize> Lately<T, MANY> {
    /// The place of one that is looked for by a number; `find` finds that of one that was not met.
    fn place(&mut self, one: T, number: usize, find: impl FnOnce() -> u32) -> u32 {
        let near = &mut self.0[number % MANY];
        if near.0 != one || near.1 == NOTHING {
            *near = (one, find());
        }
        near.1
    }
}

/// Where texts lie, and how long they are: events of one message share it, and need not be compared
/// letter by letter.
pub(super) type Near = Lately<(usize, usize), 64>;

impl Near {
    /// The place of a text that stays where it is.
    fn place_of(&mut self, text: &str, find: impl FnOnce() -> u32) -> u32 {
        let at = text.as_ptr().addr();
        self.place((at, text.len()), at >> 4 ^ at >> 14, find)
    }
}

/// The type of a column, for what reads the table.
pub(super) fn dtype(cell: &Cell) -> DataType {
    match cell {
        Cell::Text(_) | Cell::Coded(..) | Cell::Printed(_) | Cell::Shown(_) | Cell::Again(..) => {
            DataType::String
        }
        Cell::Number(_) | Cell::Count(_) => DataType::Int64,
        Cell::Time(_) => DataType::Datetime(TimeUnit::Milliseconds, None),
    }
}
