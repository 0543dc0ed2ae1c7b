//! Start tags as they were written before: parts of the agent write the same again and again, but
//! for the time, the thread and the tick count.
//!
//! What stands between the time and the thread is compared as one piece, and says what it said the
//! last time. Any other tag is read attribute by attribute, and becomes a habit.

use super::attributes::{Attributes, Writers};
use crate::ingest::encoding::text;
use crate::model::raw::{DATE, THREAD, TICK};
use crate::model::{StartTag, TagForm, Writer};
use std::borrow::Cow;
use std::sync::Arc;

/// Habits that are remembered.
const MOST: usize = 64;
/// Letters of the source by which a habit is found.
const LETTERS: usize = 16;

/// What was read of start tags.
#[derive(Default)]
pub(super) struct Habits {
    /// Each at the place that its source gives; a new one takes the place of the old one there.
    all: Vec<Option<Box<Habit>>>,
    /// Where the source stood the last time, behind the time and a severity of one digit.
    source_at: usize,
    /// How many tags were written by one of them.
    #[cfg(test)]
    pub(super) used: usize,
}

/// A start tag without time, thread and tick count.
pub(super) struct Habit {
    /// From the quote behind the time to that before the thread.
    text: Box<[u8]>,
    /// Line breaks in it.
    pub(super) lines: u32,
    pub(super) severity: Option<u8>,
    pub(super) host: Option<Box<[u8]>>,
    /// In which piece the host was looked up last, and what was found.
    pub(super) host_place: (u64, Option<u32>),
    pub(super) is_related: bool,
    writer: Arc<Writer>,
    /// What the tags share, as soon as one of them is kept.
    form: Option<Arc<TagForm>>,
}

/// A tag that is written by habit.
pub(super) struct Usual<'t> {
    /// The place of its habit.
    pub(super) habit: usize,
    pub(super) thread: u64,
    pub(super) tick: u64,
    /// Where the tag ends.
    pub(super) end: usize,
    pub(super) date: &'t [u8],
}

impl Habits {
    /// The habit by which the tag at the beginning of `data` is written, if its time is as long as
    /// the last one, `date_length`. The time may hold anything. `None` says nothing.
    pub(super) fn find<'t>(&self, data: &'t [u8], date_length: usize) -> Option<Usual<'t>> {
        let rest = data.strip_prefix(DATE.as_bytes())?;
        let (date, rest) = rest.split_at_checked(date_length)?;
        let place = self.place(rest)?;
        let habit = self.all.get(place)?.as_ref()?;
        let rest = rest.strip_prefix(&*habit.text)?;
        let (thread, rest) = digits(rest)?;
        let (tick, rest) = digits(rest.strip_prefix(TICK.as_bytes())?)?;
        let rest = rest.strip_prefix(b"'")?;
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let rest = rest.strip_prefix(b">")?;
        Some(Usual {
            habit: place,
            thread,
            tick,
            end: data.len() - rest.len(),
            date,
        })
    }

    pub(super) fn of(&mut self, place: usize) -> Option<&mut Habit> {
        #[cfg(test)]
        {
            self.used += 1;
        }
        self.all.get_mut(place)?.as_deref_mut()
    }

    /// Who wrote a tag that is written by habit.
    pub(super) fn writer(&self, usual: &Usual<'_>) -> Arc<Writer> {
        let habit = self.all.get(usual.habit).and_then(Option::as_ref);
        // The habit by which it was found stands there.
        habit.map_or_else(Arc::default, |habit| Arc::clone(&habit.writer))
    }

    /// Remembers a tag that [`Attributes::usual`] read.
    pub(super) fn learn(
        &mut self,
        tag: &[u8],
        attributes: &Attributes<'_>,
        is_related: bool,
        writers: &mut Writers,
    ) {
        let (Some(date), Some(source), Some(thread), Some(_)) = (
            attributes.date,
            attributes.source,
            attributes.thread,
            attributes.tick,
        ) else {
            return;
        };
        let at = |part: &[u8]| part.as_ptr().addr() - tag.as_ptr().addr();
        let from = at(date) + date.len();
        let Some(text) = tag.get(from..at(thread)) else {
            return;
        };
        // Anything else would be another tag.
        if !tag.starts_with(DATE.as_bytes()) || !text.ends_with(THREAD.as_bytes()) {
            return;
        }
        self.source_at = (at(source) - from).saturating_sub(more_digits(text));
        let Some(place) = self.place(&tag[from..]) else {
            return;
        };
        if self.all.is_empty() {
            self.all.resize_with(MOST, || None);
        }
        let known = self.all[place].as_ref();
        // What is written by habit is text.
        if known.is_some_and(|habit| *habit.text == *text) || super::is_overwritten(text) {
            return;
        }
        self.all[place] = Some(Box::new(Habit {
            lines: super::lines(text),
            text: text.into(),
            severity: attributes.severity(),
            host: attributes.host.map(Into::into),
            host_place: (0, None),
            is_related,
            writer: attributes.writer(writers),
            form: None,
        }));
    }

    /// A tag that is written by habit, as it is kept: [`StartTag::of`] it.
    pub(super) fn start_tag(&mut self, usual: &Usual<'_>, tag: &[u8]) -> StartTag {
        let habit = self.all.get_mut(usual.habit).and_then(Option::as_mut);
        let form = habit.as_ref().and_then(|habit| habit.form.as_ref());
        let own = (usual.thread, usual.tick);
        let known = form.and_then(|form| form.tag(tag, usual.date, own));
        known.unwrap_or_else(|| {
            let text = text(tag);
            let tag = StartTag::of(&text);
            // What was no text stands as other letters in the form.
            if let (Some(habit), StartTag::Alike(alike), Cow::Borrowed(_)) = (habit, &tag, &text) {
                habit.form = Some(Arc::clone(&alike.form));
            }
            tag
        })
    }

    /// Where the habit of a tag is remembered, of which `rest` is what follows the time.
    fn place(&self, rest: &[u8]) -> Option<usize> {
        let at = self.source_at + more_digits(rest);
        let letters = rest.get(at..at + LETTERS)?;
        let (words, _) = letters.as_chunks::<8>();
        let mixed = words.iter().fold(0_u64, |sum, word| {
            (sum.rotate_left(29) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        });
        usize::try_from(mixed >> 58).ok()
    }
}

/// Whether the severity that follows a time has a second digit, and moves the source.
fn more_digits(rest: &[u8]) -> usize {
    usize::from(rest.get(b"' severity='4".len()) != Some(&b'\''))
}

/// Digits of a number that is read here; longer ones are read with more care.
const MOST_DIGITS: usize = 18;

/// The digits that come first, as a number, and what follows them.
fn digits(text: &[u8]) -> Option<(u64, &[u8])> {
    let (mut value, mut count) = (0_u64, 0);
    // Eight at once.
    while let Some(eight) = text[count..].first_chunk() {
        let (own, some) = first_digits(*eight);
        value = value.wrapping_mul(POWERS[some]).wrapping_add(own);
        count += some;
        if some < 8 || count > MOST_DIGITS {
            return (1..=MOST_DIGITS)
                .contains(&count)
                .then(|| (value, &text[count..]));
        }
    }
    // A tag goes on, so that hardly one ends here.
    None
}

const POWERS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// The number that the first digits make, and how many they are.
pub(super) fn first_digits(eight: [u8; 8]) -> (u64, usize) {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let digits = u64::from_le_bytes(eight) ^ (EACH * u64::from(b'0'));
    // Half a byte holds a digit, also with six more. What is above the first byte that is none may be wrong.
    let others = (digits | digits.wrapping_add(EACH * 6)) & (EACH * 0xF0);
    let count = others.trailing_zeros() as usize / 8;
    if count == 0 {
        return (0, 0);
    }
    // With zeros before them they are eight.
    let digits = digits << (64 - 8 * count);
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    ((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_by_anybody() {
        let mut read = 0;
        for length in 0..24 {
            for shift in 0..10 {
                let number: String = (0..length)
                    .map(|place| char::from(b'0' + ((place * 7 + shift) % 10) as u8))
                    .collect();
                for after in [
                    "' tickCount",
                    "/ 3456789",
                    ":23456789",
                    "\u{FF}\u{FA}90123",
                    "\0\0\0\0\0\0\0\0",
                    "'",
                ] {
                    let text = number.clone() + after;
                    let expected = number.parse::<u64>().ok().filter(|_| length <= 18);
                    let expected = expected.map(|number| (number, after.as_bytes()));
                    let told = digits(text.as_bytes());
                    // Near the end of a text, nothing is said.
                    if told.is_some() || after.len() >= 8 {
                        assert_eq!(told, expected, "{text}");
                    }
                    read += usize::from(told.is_some());
                }
            }
        }
        assert!(read > 900, "{read}");
    }
}
