//! Which of many words stand in a text.
//!
//! Most records of a log are of no interest, so most of the work is to say no. For that, four
//! letters at every few places of the text suffice: each word is known by the four letters at as
//! many neighbouring places of it, so that one of them is looked at wherever the word stands. What
//! is known is then compared as a whole.

/// Letters that are looked up at once.
const LETTERS: usize = 4;
/// Places of a text of which one is looked at, at most.
const LONGEST_STEP: usize = 4;

/// Sums of letters, fewer than the nearest cache has bytes.
const SUMS: usize = 1 << 14;
/// Sums that are looked up together.
const NEAR: usize = 16;

/// English letters, the most frequent first.
const FREQUENT: &[u8] = b"etaoinsrhdlucmfywgpbvkxqjz";
/// Four letters that English words often hold, rare as one or the other of them may be.
const FREQUENT_FOURS: [&[u8; LETTERS]; 24] = [
    b"tion", b"atio", b"ion ", b"ions", b"ctio", b"sion", b"ment", b"ent ", b"ing ", b"ting",
    b"that", b"ther", b"with", b"this", b"from", b"have", b"has ", b"ence", b"ance", b"tive",
    b"able", b"ated", b"over", b"ead ",
];

/// Words to be looked for, in either case.
pub(super) struct Sieve {
    /// For each sum of four letters, whether a word is known by it.
    is_known: [bool; SUMS],
    /// By sum.
    known: Vec<Known>,
    /// Where in `known` the sums begin that are not below this times [`NEAR`].
    starts: Vec<usize>,
    words: Vec<Box<[u8]>>,
    /// Of so many places of a text, one is looked at.
    step: usize,
}

/// Four letters by which a word is known.
struct Known {
    sum: usize,
    /// The number of the word.
    number: usize,
    /// Where in it they stand.
    offset: usize,
    /// Where in it four others stand that are far from them, and these: few texts hold both.
    far: (usize, u32),
}

impl Sieve {
    /// `None` if one of the words is too short, or there is none.
    pub(super) fn of(words: &[&str]) -> Option<Sieve> {
        let shortest = words.iter().map(|word| word.len()).min()?;
        let step = (shortest + 1).checked_sub(LETTERS)?.min(LONGEST_STEP);
        if step == 0 {
            return None;
        }
        let (mut is_known, mut known) = ([false; SUMS], Vec::new());
        for (number, word) in words.iter().enumerate() {
            let fours: Vec<[u8; LETTERS]> = word
                .as_bytes()
                .windows(LETTERS)
                .filter_map(|four| four.try_into().ok())
                .collect();
            let places = fours.windows(step).enumerate();
            // A stretch is as good as its most frequent four letters.
            let (first, rarest) = places.max_by_key(|(_, some)| {
                let rarities = some.iter().map(|four| rarity(four));
                rarities.min().unwrap_or(0)
            })?;
            for (place, four) in rarest.iter().enumerate() {
                let (sum, offset) = (sum(*four), first + place);
                let last = fours.len() - 1;
                let far = if offset < last - offset { last } else { 0 };
                is_known[sum] = true;
                known.push(Known {
                    sum,
                    number,
                    offset,
                    far: (far, folded(fours[far])),
                });
            }
        }
        known.sort_unstable_by_key(|one| (one.sum, one.number, one.offset));
        Some(Sieve {
            is_known,
            starts: (0..=SUMS)
                .step_by(NEAR)
                .map(|sum| known.partition_point(|one| one.sum < sum))
                .collect(),
            known,
            words: words.iter().map(|word| word.as_bytes().into()).collect(),
            step,
        })
    }

    /// Calls `each` with the number of each word that stands in `text`, until it says no more; one
    /// may be told several times. Whether it said so.
    pub(super) fn each(&self, text: &[u8], mut each: impl FnMut(usize) -> bool) -> bool {
        let holds = |four: [u8; LETTERS]| self.is_known[sum(four)];
        // Several places with one look.
        if let (LONGEST_STEP, Some(last)) = (self.step, text.last_chunk::<STRETCH>()) {
            let (stretches, _) = text.as_chunks();
            for number in 0..text.len().div_ceil(STRETCH) {
                let stretch = stretches.get(number).unwrap_or(last);
                let (fours, _) = stretch.as_chunks::<LETTERS>();
                let here = [0, 1, 2, 3].map(|at| holds(fours[at]));
                if here[0] | here[1] | here[2] | here[3] {
                    let place = (number * STRETCH).min(text.len() - STRETCH);
                    for (number, holds) in here.into_iter().enumerate() {
                        if holds && self.at(text, place + LETTERS * number, &mut each) {
                            return true;
                        }
                    }
                }
            }
            return false;
        }
        let mut place = 0;
        while let Some(eight) = text.get(place..).and_then(|rest| rest.first_chunk::<8>()) {
            let eight = u64::from_le_bytes(*eight);
            let at = |place: usize| ((eight >> (8 * place)) as u32).to_le_bytes();
            let (here, length) = match self.step {
                1 => (holds(at(0)) | holds(at(1)) | holds(at(2)) | holds(at(3)), 4),
                2 => (holds(at(0)) | holds(at(2)), 4),
                3 => (holds(at(0)) | holds(at(3)), 6),
                _ => (holds(at(0)) | holds(at(4)), 8),
            };
            let end = place + length;
            if here {
                for place in (place..end).step_by(self.step) {
                    if self.at(text, place, &mut each) {
                        return true;
                    }
                }
            }
            place = end;
        }
        while place + LETTERS <= text.len() {
            if self.at(text, place, &mut each) {
                return true;
            }
            place += self.step;
        }
        false
    }

    /// The same for the words whose four letters may stand at `place`.
    fn at(&self, text: &[u8], place: usize, each: &mut impl FnMut(usize) -> bool) -> bool {
        let four = |place: usize| text.get(place..).and_then(|rest| rest.first_chunk());
        let Some(sum) = four(place).map(|four| sum(*four)) else {
            return false;
        };
        if !self.is_known[sum] {
            return false;
        }
        let near = &self.known[self.starts[sum / NEAR]..self.starts[sum / NEAR + 1]];
        let mut same = near.iter().filter(|one| one.sum == sum);
        same.any(|one| {
            let start = place.checked_sub(one.offset);
            let far = start.and_then(|start| four(start + one.far.0));
            far.is_some_and(|far| folded(*far) == one.far.1)
                && stands(&self.words[one.number], one.offset, text, place)
                && each(one.number)
        })
    }
}

/// Equal for equal letters, whatever their case; below [`SUMS`].
fn sum(four: [u8; LETTERS]) -> usize {
    // A factor without pattern, so that unlike letters seldom meet.
    (folded(four).wrapping_mul(0x9E37_79B1) >> (32 - SUMS.ilog2())) as usize
}

/// Equal for equal letters, whatever their case.
fn folded(four: [u8; LETTERS]) -> u32 {
    u32::from_le_bytes(four) | 0x2020_2020
}

fn rarity(four: &[u8]) -> usize {
    let same = |frequent: &&[u8; LETTERS]| four.eq_ignore_ascii_case(*frequent);
    if FREQUENT_FOURS.iter().any(same) {
        return 0;
    }
    let rank = |byte: &u8| {
        let letter = byte.to_ascii_lowercase();
        let known = FREQUENT.iter().position(|one| *one == letter);
        // A blank is the most frequent of all; other signs stand everywhere in records.
        known.map_or(0, |rank| rank + 1)
    };
    four.iter().map(rank).sum()
}

/// Letters of a word by which [`Sieve`] need not look more often.
pub(super) const LONG: usize = LETTERS + LONGEST_STEP - 1;

/// A few words that are shorter, in either case. Each holds a byte that most texts hold seldom.
pub(super) struct Shorts {
    words: Vec<Short>,
    /// The pairs of all words: so few that one look at a text tells whether it holds none.
    pairs: [[u8; 2]; 2],
}

struct Short {
    word: Box<[u8]>,
    /// Where in it the byte stands, and what it and the one before are.
    at: usize,
    pair: [u8; 2],
    number: usize,
}

/// The bytes by which short words are found, the most seldom one first; a letter in either case.
const SELDOM: [u8; 3] = [b'/', b'p', b'P'];

impl Shorts {
    /// `None` if one of the words, which come with their numbers, holds no such byte behind its first,
    /// or they have more than two pairs.
    pub(super) fn of(words: &[(usize, &str)]) -> Option<Shorts> {
        let known = |(number, word): &(usize, &str)| {
            let word = word.as_bytes();
            let find = |byte| word.iter().skip(1).position(|one| *one == byte);
            let at = 1 + SELDOM.into_iter().find_map(find)?;
            Some(Short {
                at,
                pair: folded_pair([word[at - 1], word[at]]),
                number: *number,
                word: word.into(),
            })
        };
        let words: Vec<Short> = words.iter().map(known).collect::<Option<_>>()?;
        let mut pairs: Vec<[u8; 2]> = words.iter().map(|short| short.pair).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let pairs = match pairs[..] {
            // No text holds two of these bytes.
            [] => [[0xFF; 2]; 2],
            [one] => [one, one],
            [one, other] => [one, other],
            _ => return None,
        };
        Some(Shorts { words, pairs })
    }

    /// As [`Sieve::each`].
    pub(super) fn each(&self, text: &[u8], mut each: impl FnMut(usize) -> bool) -> bool {
        // Most texts hold no pair.
        if !self.may_hold_a_pair(text) {
            return false;
        }
        let [a, b, c] = SELDOM;
        memchr::memchr3_iter(a, b, c, text).any(|place| {
            let Some(before) = place.checked_sub(1) else {
                return false;
            };
            let pair = folded_pair([text[before], text[place]]);
            if !self.pairs.contains(&pair) {
                return false;
            }
            let mut near = self.words.iter().filter(|short| short.pair == pair);
            near.any(|short| stands(&short.word, short.at, text, place) && each(short.number))
        })
    }

    /// Whether a text holds a pair, or is so short that it is walked at once.
    fn may_hold_a_pair(&self, text: &[u8]) -> bool {
        let (Some((_, seconds)), Some((_, firsts))) = (text.split_first(), text.split_last())
        else {
            return false;
        };
        let (Some(last_first), Some(last_second)) = (firsts.last_chunk(), seconds.last_chunk())
        else {
            return true;
        };
        let [one, other] = self.pairs.map(|pair| pair.map(|byte| [byte; STRETCH]));
        let mut here = [0; STRETCH];
        let mut look = |firsts: &[u8; STRETCH], seconds: &[u8; STRETCH]| {
            for at in 0..STRETCH {
                // The same letter in the other case differs in one bit.
                let is = |pair: &[[u8; STRETCH]; 2]| {
                    ((firsts[at] ^ pair[0][at]) | (seconds[at] ^ pair[1][at])) & !CASE == 0
                };
                here[at] |= u8::from(is(&one)) | u8::from(is(&other));
            }
        };
        for (firsts, seconds) in firsts.as_chunks().0.iter().zip(seconds.as_chunks().0) {
            look(firsts, seconds);
        }
        look(last_first, last_second);
        here != [0; STRETCH]
    }
}

/// Bytes of a text that are looked at in one go. The last ones may begin within those before, so that
/// nothing is left over.
pub(super) const STRETCH: usize = 16;

/// Whether a word stands in a text, in either case, of which the byte at `offset` stands at `place`.
fn stands(word: &[u8], offset: usize, text: &[u8], place: usize) -> bool {
    let start = place.checked_sub(offset);
    let there = start.and_then(|start| text.get(start..start + word.len()));
    there.is_some_and(|there| there.eq_ignore_ascii_case(word))
}

/// In which a letter differs from itself in the other case.
const CASE: u8 = 0x20;

/// Equal for equal letters, whatever their case.
fn folded_pair(pair: [u8; 2]) -> [u8; 2] {
    pair.map(|byte| byte | CASE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn words_are_found_in_any_case_and_place_and_no_others() {
        for words in [
            &["Snapshot", "status file", "x860", "0x8007", "a-b\\"][..],
            &["snapshot", "shots fired", "napshot", "refresh"],
        ] {
            let sieve = Sieve::of(words).unwrap();
            let found = |text: &str| {
                let mut found = BTreeSet::new();
                sieve.each(text.as_bytes(), |number| {
                    found.insert(number);
                    false
                });
                found
            };
            let expected = |text: &str| -> BTreeSet<usize> {
                let lower = text.to_lowercase();
                let within = |at: &usize| lower.contains(&words[*at].to_lowercase());
                (0..words.len()).filter(within).collect()
            };
            let mut texts: Vec<String> = ["", "sn", "a quiet text, nothing more", "snap", "shot"]
                .map(str::to_owned)
                .to_vec();
            for word in words {
                for word in [word.to_lowercase(), word.to_uppercase(), (*word).to_owned()] {
                    for before in ["", " ", "ab", "abc", "before ", "for a long time before "] {
                        for after in ["", "s", " fired", ", after", ", and what comes after"] {
                            texts.push(format!("{before}{word}{after}"));
                        }
                    }
                    texts.push(word[1..].to_owned());
                    texts.push(word[..word.len() - 1].to_owned());
                }
            }
            for text in texts {
                assert_eq!(found(&text), expected(&text), "{text}");
                assert_eq!(
                    sieve.each(text.as_bytes(), |_| true),
                    !expected(&text).is_empty()
                );
            }
        }
    }

    #[test]
    fn short_words_are_found_in_any_case_and_place() {
        let words = [(7, "get /"), (8, "http:"), (9, "post /")];
        let shorts = Shorts::of(&words).unwrap();
        for (number, word) in words {
            for word in [word.to_owned(), word.to_uppercase()] {
                let long = format!("for a long time before {word}, and what comes after");
                let short = format!("/p {word}p/");
                for text in [word.clone(), short, format!("hp{word}"), long] {
                    let mut found = Vec::new();
                    let said = shorts.each(text.as_bytes(), |number| {
                        found.push(number);
                        false
                    });
                    assert_eq!((found, said), (vec![number], false), "{text}");
                    assert!(shorts.each(text.as_bytes(), |_| true));
                }
                let (less, more) = (&word[1..], format!("{}x", &word[..word.len() - 1]));
                assert!(!shorts.each(less.as_bytes(), |_| true), "{less}");
                assert!(!shorts.each(more.as_bytes(), |_| true), "{more}");
            }
        }
        assert!(Shorts::of(&[(0, "agent")]).is_none() && Shorts::of(&[(0, "pen")]).is_none());
    }

    #[test]
    fn a_word_too_short_to_be_looked_up_forbids_the_sieve() {
        assert!(Sieve::of(&["snapshot", "oks"]).is_none());
        assert!(Sieve::of(&["snapshot", "okay"]).is_some());
        assert!(Sieve::of(&[]).is_none());
    }
}
