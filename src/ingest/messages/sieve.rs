//! Whether any of many words can stand in a text: a look that errs only by saying yes.
//!
//! Most records of a log are of no interest, so most of the work is to say no. For that, four
//! letters of each word suffice, and to look four letters up costs a quarter of one step of the
//! search for all words.

/// Letters of a word that are looked up.
const LETTERS: usize = 4;

/// English letters, the most frequent first.
const FREQUENT: &[u8] = b"etaoinsrhdlucmfywgpbvkxqjz";

/// Four letters of each word, in either case.
pub(super) struct Sieve {
    /// One bit for each of 65,536 sums of four letters.
    bits: [u64; 1 << 10],
}

impl Sieve {
    /// `None` if one of the words is too short.
    pub(super) fn of(words: &[&str]) -> Option<Sieve> {
        let mut bits = [0; 1 << 10];
        for word in words {
            let rarest = word
                .as_bytes()
                .windows(LETTERS)
                .max_by_key(|four| rarity(four))?;
            let at = sum(rarest);
            bits[at >> 6] |= 1 << (at & 63);
        }
        Some(Sieve { bits })
    }

    /// Whether one of the words may stand in `text`; `false` is certain.
    pub(super) fn may_hold(&self, text: &[u8]) -> bool {
        text.windows(LETTERS).any(|four| {
            let at = sum(four);
            self.bits[at >> 6] >> (at & 63) & 1 == 1
        })
    }
}

/// Equal for equal letters, whatever their case; below 65,536.
fn sum(four: &[u8]) -> usize {
    let letters = <[u8; LETTERS]>::try_from(four).unwrap_or_default();
    let folded = u32::from_le_bytes(letters) | 0x2020_2020;
    // A factor without pattern, so that unlike letters seldom meet.
    (folded.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

fn rarity(four: &[u8]) -> usize {
    let rank = |byte: &u8| {
        let letter = byte.to_ascii_lowercase();
        let known = FREQUENT.iter().position(|one| *one == letter);
        // A blank is the most frequent of all; other signs stand everywhere in records.
        known.map_or(0, |rank| rank + 1)
    };
    four.iter().map(rank).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_missed_in_any_case_or_place() {
        let words = ["Snapshot", "status file", "x860", "0x8007", "a-b\\"];
        let sieve = Sieve::of(&words).unwrap();
        for word in words {
            for text in [word.to_lowercase(), word.to_uppercase(), word.to_owned()] {
                for text in [format!("{text} after"), format!("before {text}"), text] {
                    assert!(sieve.may_hold(text.as_bytes()), "{text}");
                }
            }
        }
        for text in ["", "sn", "a quiet text, nothing more", "snap", "shot"] {
            let known = words.iter().any(|word| text.contains(word));
            assert!(!known && !sieve.may_hold(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_word_too_short_to_be_looked_up_forbids_the_sieve() {
        assert!(Sieve::of(&["snapshot", "oks"]).is_none());
        assert!(Sieve::of(&["snapshot", "okay"]).is_some());
    }
}
